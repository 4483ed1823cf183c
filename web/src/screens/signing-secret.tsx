import { createSignal, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { action } from "../ui/action";
import { Confirm } from "../ui/confirm";
import { Copyable } from "../ui/copyable";
import { Fault } from "../ui/fault";

/** What outgoing webhooks are signed with; shown when it is asked for. */
export function SigningSecret(): JSX.Element {
  const [found, setFound] = createSignal<Schemas["SigningSecret"]>();
  const show = action(async () => setFound(await ok(api.GET("/account/signing-secret"))));
  return (
    <section class="card apart">
      <h2>{t("signing.title")}</h2>
      <p class="muted">{t("signing.what")}</p>
      <Show when={found()}>{(it) => <Copyable label={t("signing.secret")} value={it().secret} />}</Show>
      <Fault of={show.fault()} />
      <div class="row">
        <Show when={!found()}>
          <button type="button" disabled={show.busy()} onClick={() => void show.run()}>
            {t("signing.show")}
          </button>
        </Show>
        <Confirm
          label={t("signing.rotate")}
          title={t("signing.rotateTitle")}
          what={t("signing.rotateWhat")}
          now={t("signing.rotate")}
          perform={async () => setFound(await ok(api.POST("/account/signing-secret")))}
        />
      </div>
    </section>
  );
}
