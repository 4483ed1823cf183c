import { A } from "@solidjs/router";
import { createResource, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { day } from "../i18n/format";
import { known } from "../ui/loaded";
import { benefitSays } from "./reward-words";

/** The rewards that a contact got; nothing is shown of who got none. */
export function ContactAwards(props: { path: { audience: string; contact: string } }): JSX.Element {
  const [found] = createResource(
    () => props.path,
    (path) => ok(api.GET("/audiences/{audience}/contacts/{contact}/awards", { params: { path } })),
  );
  const got = (): Schemas["Award"][] => (known(found)?.awards ?? []).filter((it) => it.state === "given");
  return (
    <Show when={got().length}>
      <section class="card">
        <h2>{t("rewards.title")}</h2>
        <ul class="plain lines">
          <For each={got()}>
            {(it) => (
              <li>
                <div>
                  <A href={`/rewards/${it.programme}?audience=${props.path.audience}`}>
                    <bdi>{it.programme_name ?? t("automations.gone")}</bdi>
                  </A>
                  <p class="muted">
                    {benefitSays(it.benefit, it.currency)} · {day(it.at)}
                    <Show when={it.valid_until}>{(at) => <> · {t("awards.until", { at: day(at()) })}</>}</Show>
                  </p>
                </div>
                <Show when={it.coupon}>{(coupon) => <code class="inline">{coupon()}</code>}</Show>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}
