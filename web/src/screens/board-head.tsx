import { createSignal, For, lazy, Show, Suspense, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { ago, days, moment, money, percent, sum, zoneName } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { downloadCsv } from "../ui/download";
import { Fault } from "../ui/fault";
import { sinceWhen } from "./board-movement";
import { shownAs } from "./metrics";

const AwardFirst = lazy(() => import("./award-first"));

const AWARDED = 10;

/** What a board is about, in words: its days and their zone, how fresh it is, and what its customers make together. */
export function BoardHead(props: {
  board: Schemas["Leaderboard"];
  name: string;
  audience: string;
  metric: Schemas["Metric"];
  frame: Schemas["TimeFrame"];
  alone: boolean;
  now: number;
  onRefresh: () => void;
}): JSX.Element {
  const words = (): string => {
    const { start, end, time_zone } = props.board.period;
    const read = new Date(Date.parse(props.board.as_of) + 1).toISOString();
    return start && end ? days(start, end < read ? end : read, time_zone) : t("frame.all_time");
  };
  const download = action(async () => {
    const asked = { rank_by: props.metric, time_frame: props.frame, view: props.board.view };
    await downloadCsv(`/stores/${props.board.store.id}/leaderboard`, asked, `${props.name}-${props.board.period.id}.csv`);
  });
  const [isAwarding, setAwarding] = createSignal(false);
  const isClosed = (): boolean => props.board.view === "closed";
  return (
    <div class="board-head">
      <div>
        <p>
          <strong>{words()}</strong> <span class="muted">{t("leaderboard.zone", { zone: zoneName(props.board.period.time_zone) })}</span>
        </p>
        <p>{totals(props.board, props.alone)}</p>
        <p class="muted">
          <Show
            when={!isClosed()}
            fallback={t("board.closedAt", { at: moment(props.board.as_of, props.board.period.time_zone) })}
          >
            {t("leaderboard.asOf", { ago: ago(props.board.as_of, Math.max(props.now, Date.parse(props.board.as_of))) })}
          </Show>
          <Show when={props.board.movement_since}>
            {(since) => <> · {sinceWhen(since(), props.board)}</>}
          </Show>
        </p>
        <Fault of={download.fault()} />
      </div>
      <div class="row">
        <Show when={may("marketer") && props.board.rows.length}>
          <button type="button" onClick={() => setAwarding(true)}>
            {t("award.open", { first: AWARDED })}
          </button>
        </Show>
        <button type="button" onClick={() => props.onRefresh()}>
          {t("leaderboard.refresh")}
        </button>
        <button type="button" disabled={download.busy()} onClick={() => void download.run()}>
          {t("leaderboard.csv")}
        </button>
      </div>
      <Suspense>
        <Show when={isAwarding()}>
          <AwardFirst board={props.board} audience={props.audience} first={AWARDED} onClose={() => setAwarding(false)} />
        </Show>
      </Suspense>
    </div>
  );
}

/** What all customers of the board come to; before the first snapshot, what those that are shown do. */
function totals(board: Schemas["Leaderboard"], alone: boolean): string {
  if (board.totals) {
    const { customers, orders_count, total_spent, currency } = board.totals;
    return t("leaderboard.totals", { customers, alone: "yes", orders: orders_count, total: money(total_spent, currency) });
  }
  if (!board.rows.length) return "";
  return t("leaderboard.totals", {
    customers: board.rows.length,
    alone: alone ? "yes" : "no",
    orders: board.rows.reduce((all, row) => all + row.orders_count, 0),
    total: money(sum(board.rows.map((row) => row.total_spent)), board.store.currency),
  });
}

/** What it takes to be among the best, and what is usual. */
export function Percentiles(props: { board: Schemas["Leaderboard"] }): JSX.Element {
  return (
    <Show when={props.board.percentiles}>
      {(found) => (
        <dl class="facts strip" aria-label={t("board.spread")}>
          <For each={found()}>
            {(it) => (
              <div>
                <dt>{it.percent === 50 ? t("scores.median") : t("board.top", { share: percent(1 - it.percent / 100) })}</dt>
                <dd>
                  <Show when={it.percent !== 50} fallback={shownAs(props.board.rank_by, it.value, props.board.store.currency)}>
                    {t("board.from", { value: shownAs(props.board.rank_by, it.value, props.board.store.currency) })}
                  </Show>
                </dd>
              </div>
            )}
          </For>
        </dl>
      )}
    </Show>
  );
}
