import { createSignal, For, lazy, Show, Suspense, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { percent } from "../i18n/format";
import { may } from "../session";
import { Movement, Rank } from "./board-movement";
import { Compose } from "./compose";
import { METRICS, valueOf } from "./metrics";
import { nameOf, Person } from "./person";

const RankExplanation = lazy(() => import("./rank-explanation"));

type Row = Schemas["Row"];
type Metric = Schemas["Metric"];

/** The ranked customers of a page; a board as closed explains no ranks, since those explained are of now. */
export function Board(props: {
  rows: Row[];
  metric: Metric;
  store: Schemas["Store"];
  frame: Schemas["TimeFrame"];
  top: number;
  closed: boolean;
}): JSX.Element {
  const [writingTo, setWritingTo] = createSignal<Row>();
  const [explained, setExplained] = createSignal<Row>();
  const share = (row: Row): number => (props.top > 0 ? Math.max(0, Math.min(1, Number(row[props.metric]) / props.top)) : 0);
  return (
    <div class="scroll" tabindex="0" role="region" aria-label={t("leaderboard.title")}>
      <table class="board">
        <thead>
          <tr>
            <th scope="col">{t("column.rank")}</th>
            <th scope="col">{t("column.customer")}</th>
            <For each={METRICS}>
              {(metric) => (
                <th scope="col" class="number" aria-sort={metric === props.metric ? "descending" : "none"}>
                  {t(`metric.${metric}`)}
                </th>
              )}
            </For>
            <th scope="col">
              <span class="unseen">{t("board.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.rows}>
            {(row) => (
              <tr>
                <td class="rank">
                  <Rank rank={row.rank} exact={row.rank_exact} />
                  <Movement of={row.movement} />
                </td>
                <th scope="row">
                  <Who row={row} audience={props.store.audience_id} />
                  <span class="share" role="img" aria-label={t("leaderboard.share", { share: percent(share(row)) })}>
                    <span style={{ width: `${share(row) * 100}%` }} />
                  </span>
                </th>
                <For each={METRICS}>
                  {(metric) => (
                    <td class={metric === props.metric ? "number ranked" : "number"} data-label={t(`metric.${metric}`)}>
                      {valueOf(metric, row)}
                    </td>
                  )}
                </For>
                <td class="act">
                  <Show when={may("marketer") && row.profile}>
                    <button type="button" aria-label={`${t("compose.open")}: ${nameOf(row)}`} onClick={() => setWritingTo(row)}>
                      {t("compose.open")}
                    </button>
                  </Show>
                  <Show when={!props.closed}>
                    <button
                      type="button"
                      class="quiet small"
                      aria-label={t("why.title", { name: nameOf(row) })}
                      onClick={() => setExplained(row)}
                    >
                      {t("why.open")}
                    </button>
                  </Show>
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
      <Show when={writingTo()}>
        {(row) => (
          <Compose
            path={{ audience: props.store.audience_id, contact: row().customer }}
            name={nameOf(row())}
            store={props.store.id}
            open
            onClose={() => setWritingTo(undefined)}
          />
        )}
      </Show>
      <Suspense>
        <Show when={explained()}>
          {(row) => (
            <RankExplanation
              of={{
                store: props.store.id,
                audience: props.store.audience_id,
                customer: row().customer,
                name: nameOf(row()),
                metric: props.metric,
                frame: props.frame,
              }}
              onClose={() => setExplained(undefined)}
            />
          )}
        </Show>
      </Suspense>
    </div>
  );
}

function Who(props: { row: Row; audience: string }): JSX.Element {
  return (
    <>
      <Person of={props.row} audience={props.audience} />
      <Show when={props.row.tier}>{(tier) => <bdi class="tag tier">{tier().name}</bdi>}</Show>
      <Show when={props.row.name && props.row.email}>
        <span class="muted email">{props.row.email}</span>
      </Show>
    </>
  );
}
