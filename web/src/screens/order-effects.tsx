import { For, Show, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { moment, signed } from "../i18n/format";

/** What single orders, refunds and cancellations did to a customer's figures, and what they don't account for. */
export function OrderEffects(props: {
  effects: Schemas["OrderEffect"][];
  unlisted: Schemas["FiguresDifference"] | null;
  currency: string;
}): JSX.Element {
  return (
    <ul class="plain lines">
      <For each={props.effects}>
        {(it) => (
          <li>
            <span>
              {t(`orderEffect.${it.kind}`, { order: it.order_id })} <span class="muted">{moment(it.at)}</span>
            </span>
            <span class="number">{signed(it.total_spent, props.currency)}</span>
          </li>
        )}
      </For>
      <Show when={props.unlisted}>
        {(it) => (
          <li>
            <span class="muted">{t("orderEffect.unlisted")}</span>
            <span class="number">{signed(it().total_spent, props.currency)}</span>
          </li>
        )}
      </Show>
    </ul>
  );
}
