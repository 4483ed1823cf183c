import { createResource, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { moment, periodName, whole } from "../i18n/format";
import { Dialog } from "../ui/dialog";
import { Loaded } from "../ui/loaded";
import { moved, Rank } from "./board-movement";
import { valueOf } from "./metrics";
import { OrderEffects } from "./order-effects";
import { Person } from "./person";

type Explanation = Schemas["RankExplanation"];
type Standing = Schemas["BoardStanding"];

/** Whose rank on which board. */
export interface Asked {
  store: string;
  audience: string;
  customer: string;
  name: string;
  metric: Schemas["Metric"];
  frame: Schemas["TimeFrame"];
}

/** Why a customer's rank is what it is: their own orders, whom they passed and who passed them. */
export default function RankExplanation(props: { of: Asked; onClose: () => void }): JSX.Element {
  const [found, { refetch }] = createResource(
    () => ({
      path: { store: props.of.store, customer: props.of.customer },
      query: { rank_by: props.of.metric, time_frame: props.of.frame },
    }),
    (params) => ok(api.GET("/stores/{store}/leaderboard/{customer}/explanation", { params })),
  );
  return (
    <Dialog open title={t("why.title", { name: props.of.name })} onClose={() => props.onClose()}>
      <p class="muted">
        {t(`metric.${props.of.metric}`)} · {t(`frame.${props.of.frame}`)}
      </p>
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => <Explained of={shown()} audience={props.of.audience} />}
      </Loaded>
    </Dialog>
  );
}

function Explained(props: { of: Explanation; audience: string }): JSX.Element {
  return (
    <>
      <dl class="facts">
        <Show when={props.of.then}>
          {(then) => <Stood label={when(props.of)} at={then()} of={props.of} />}
        </Show>
        <Stood label={t("why.now")} at={props.of.now} of={props.of} />
        <Show when={props.of.movement}>
          {(it) => (
            <div>
              <dt>{t("why.movement")}</dt>
              <dd>{moved(it())}</dd>
            </div>
          )}
        </Show>
      </dl>
      <Show when={!props.of.movement_since}>
        <p class="hint">{t("why.noSnapshot")}</p>
      </Show>
      <Show when={!props.of.now.rank_exact}>
        <p class="hint">{t("rank.estimated")}</p>
      </Show>
      <Overtakings of={props.of} audience={props.audience} />
      <h3>{t("why.own")}</h3>
      <Show when={props.of.effects.length} fallback={<p class="muted">{t("why.ownNone")}</p>}>
        <OrderEffects effects={props.of.effects} unlisted={props.of.unlisted} currency={props.of.store.currency} />
      </Show>
    </>
  );
}

/** When the customer stood where they stood then. */
function when(of: Explanation): string {
  const since = of.movement_since;
  if (!since) return "";
  return since.period === of.period.id ? moment(since.taken_at) : t("then.close", { period: periodName(since.period) });
}

function Stood(props: { label: string; at: Standing; of: Explanation }): JSX.Element {
  return (
    <div>
      <dt>{props.label}</dt>
      <dd>
        <Show when={props.at.rank} fallback={t("why.unranked")}>
          {(rank) => (
            <>
              {t("why.rank")} <Rank rank={rank()} exact={props.at.rank_exact} />
            </>
          )}
        </Show>
        <Show when={props.at.figures}>
          {(figures) => <span class="muted"> · {valueOf(props.of.rank_by, figures())}</span>}
        </Show>
      </dd>
    </div>
  );
}

/** Who passed whom, so that the two ranks are each other's sum. */
function Overtakings(props: { of: Explanation; audience: string }): JSX.Element {
  const sum = (): { then: number; now: number; by: number; passed: number } | null => {
    const { then, now, passed_by, passed } = props.of;
    return then?.rank && now.rank && passed_by && passed
      ? { then: then.rank, now: now.rank, by: passed_by.count, passed: passed.count }
      : null;
  };
  return (
    <Show when={sum()} fallback={<Show when={isBeyond(props.of)}><p class="hint">{t("why.notCounted")}</p></Show>}>
      {(it) => (
        <>
          <p>{t("why.sum", it())}</p>
          <People title={t("why.passed")} of={props.of.passed!} audience={props.audience} />
          <People title={t("why.passedBy")} of={props.of.passed_by!} audience={props.audience} />
        </>
      )}
    </Show>
  );
}

/** True for who was or is on the board, too far down to know their neighbours. */
const isBeyond = ({ movement }: Explanation): boolean => movement !== null && movement.kind !== "new" && movement.kind !== "back";

function People(props: { title: string; of: Schemas["Overtakings"]; audience: string }): JSX.Element {
  return (
    <Show when={props.of.count}>
      <details open={props.of.count <= 5}>
        <summary>
          {props.title} ({whole(props.of.count)})
        </summary>
        <ul class="plain lines">
          <For each={props.of.customers}>
            {(it) => (
              <li>
                <Person of={it} audience={props.audience} />
                <span class="muted">{t("why.fromTo", { then: it.rank_then ?? 0, now: it.rank_now ?? 0 })}</span>
              </li>
            )}
          </For>
        </ul>
        <Show when={props.of.count > props.of.customers.length}>
          <p class="hint">{t("backTest.more", { count: props.of.count - props.of.customers.length })}</p>
        </Show>
      </details>
    </Show>
  );
}
