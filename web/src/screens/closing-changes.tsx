import { For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { moment, whole } from "../i18n/format";
import { Loaded } from "../ui/loaded";
import { More } from "../ui/more";
import { growing } from "../ui/pages";
import { shownAs } from "./metrics";
import { OrderEffects } from "./order-effects";
import { Person } from "./person";

type Change = Schemas["BoardChange"];
type Standing = Schemas["BoardStanding"];

const PAGE = 20;

/** What differs between a board as closed and as of now, and the late orders and refunds that did it. */
export default function ClosingChanges(props: {
  store: Schemas["Store"];
  metric: Schemas["Metric"];
  frame: Schemas["TimeFrame"];
}): JSX.Element {
  const list = growing(
    () => ({ store: props.store.id, rank_by: props.metric, time_frame: props.frame }),
    ({ store, ...query }, at) =>
      ok(api.GET("/stores/{store}/leaderboard-changes", { params: { path: { store }, query: { ...query, limit: PAGE, ...at } } })),
    (page) => page.changes,
  );
  return (
    <Loaded of={list.read} retry={list.fromStart}>
      {(shown) => (
        <>
          <p class="hint">{t("closing.at", { at: moment(shown().page.closed_at) })}</p>
          <Show when={shown().entries.length} fallback={<p>{t("closing.none")}</p>}>
            <ul class="plain lines">
              <For each={shown().entries}>
                {(it) => (
                  <li>
                    <div>
                      <Person of={it} audience={props.store.audience_id} />
                      <div class="muted">{difference(it, props.metric, props.store.currency)}</div>
                    </div>
                    <Show when={it.effects.length || it.unlisted}>
                      <div class="effects">
                        <OrderEffects effects={it.effects} unlisted={it.unlisted} currency={props.store.currency} />
                      </div>
                    </Show>
                  </li>
                )}
              </For>
            </ul>
            <More of={list} />
          </Show>
        </>
      )}
    </Loaded>
  );
}

function difference(it: Change, metric: Schemas["Metric"], currency: string): string {
  const rank = (at: Standing): string => (at.rank === null ? t("closing.noRank") : whole(at.rank));
  const value = (at: Standing): string => (at.figures ? shownAs(metric, at.figures[metric], currency) : t("closing.noFigures"));
  return t("closing.difference", {
    before: rank(it.closed),
    after: rank(it.now),
    metric: t(`metric.${metric}`),
    then: value(it.closed),
    now: value(it.now),
    same: value(it.closed) === value(it.now) ? "yes" : "no",
  });
}
