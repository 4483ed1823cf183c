import { Show, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { ago, days, money, sum, zoneName } from "../i18n/format";
import { action } from "../ui/action";
import { downloadCsv } from "../ui/download";
import { Fault } from "../ui/fault";

/** What a board is about, in words: its days and their zone, how fresh it is, and what its customers make together. */
export function BoardHead(props: {
  board: Schemas["Leaderboard"];
  name: string;
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
    const asked = { rank_by: props.metric, time_frame: props.frame };
    await downloadCsv(`/stores/${props.board.store.id}/leaderboard`, asked, `${props.name}-${props.board.period.id}.csv`);
  });
  const orders = (): number => props.board.rows.reduce((all, row) => all + row.orders_count, 0);
  return (
    <div class="board-head">
      <div>
        <p>
          <strong>{words()}</strong> <span class="muted">{t("leaderboard.zone", { zone: zoneName(props.board.period.time_zone) })}</span>
        </p>
        <Show when={props.board.rows.length}>
          <p>
            {t("leaderboard.totals", {
              customers: props.board.rows.length,
              alone: props.alone ? "yes" : "no",
              orders: orders(),
              total: money(sum(props.board.rows.map((row) => row.total_spent)), props.board.store.currency),
            })}
          </p>
        </Show>
        <p class="muted">{t("leaderboard.asOf", { ago: ago(props.board.as_of, Math.max(props.now, Date.parse(props.board.as_of))) })}</p>
        <Fault of={download.fault()} />
      </div>
      <div class="row">
        <button type="button" onClick={() => props.onRefresh()}>
          {t("leaderboard.refresh")}
        </button>
        <button type="button" disabled={download.busy()} onClick={() => void download.run()}>
          {t("leaderboard.csv")}
        </button>
      </div>
    </div>
  );
}
