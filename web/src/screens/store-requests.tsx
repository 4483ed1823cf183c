import { A } from "@solidjs/router";
import { For, Show, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { day } from "../i18n/format";

/** What the shop's platform asked for on behalf of people, and by when it has to be done. */
export function PrivacyRequests(props: { store: Schemas["StoreDetail"] }): JSX.Element {
  return (
    <Show when={props.store.privacy_requests.length}>
      <section class="card">
        <h2>{t("requests.title")}</h2>
        <p class="muted">{t("requests.what")}</p>
        <ul class="plain lines">
          <For each={props.store.privacy_requests}>
            {(request) => (
              <li>
                <div>
                  <strong>{t(`requestKind.${request.kind}`)}</strong> <span class="tag">{t(`requestState.${request.state}`)}</span>
                  <div class="muted">
                    {t("requests.received", { day: day(request.received_at) })} · {t("requests.due", { day: day(request.due_at) })}
                  </div>
                  <Show when={request.kind === "customer_data"}>
                    <For each={request.customers}>
                      {(customer) => (
                        <div>
                          <A href={`/audiences/${props.store.audience_id}/contacts/${customer}`}>{t("requests.open")}</A>
                        </div>
                      )}
                    </For>
                  </Show>
                </div>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}
