import { type JSX } from "solid-js";
import { t } from "../i18n";
import { signOutEverywhere, user } from "../session";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";

/** Who is signed in, and the end of that on every device. */
export function OwnSignIn(): JSX.Element {
  const leave = action(signOutEverywhere);
  return (
    <section class="card">
      <h2>{t("settings.you")}</h2>
      <p>{t("settings.signedInAs", { email: user()?.email ?? "" })}</p>
      <p class="hint">{t("settings.everywhereWhat")}</p>
      <Fault of={leave.fault()} />
      <button type="button" disabled={leave.busy()} onClick={() => void leave.run()}>
        {t("settings.everywhere")}
      </button>
    </section>
  );
}
