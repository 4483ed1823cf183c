import { A, useSearchParams } from "@solidjs/router";
import { createMemo, createResource, createSignal, For, Match, Show, Switch, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t, type Key } from "../i18n";
import { ago, days, money, percent, whole } from "../i18n/format";
import { downloadCsv } from "../ui/download";
import { Select } from "../ui/select";
import { may } from "../session";
import { Empty, Failed, Loading } from "../ui/states";
import { Compose } from "./compose";

type Metric = Schemas["Metric"];
type TimeFrame = Schemas["TimeFrame"];
type Row = Schemas["Row"];
type Store = Schemas["Store"];

const METRICS: Metric[] = ["total_spent", "orders_count", "average_order_value"];
const FRAMES: TimeFrame[] = [
  "last_week",
  "last_month",
  "month_to_date",
  "last_quarter",
  "quarter_to_date",
  "last_year",
  "year_to_date",
  "week_to_date",
  "all_time",
];
const PAGE = 50;

/** Customers ranked by what they bought, in a time frame. What is shown is all in the URL. */
export default function Leaderboard(): JSX.Element {
  const [search, setSearch] = useSearchParams<Record<"audience" | "store" | "by" | "in" | "page", string>>();
  const [sources, { refetch }] = createResource(async () => {
    const [audiences, stores] = await Promise.all([ok(api.GET("/audiences")), ok(api.GET("/stores"))]);
    return { audiences: audiences.audiences, stores: stores.stores.filter((store) => store.state === "connected") };
  });
  const store = createMemo((): Store | undefined => {
    const all = sources()?.stores ?? [];
    return all.find((it) => it.id === search.store) ?? all.find((it) => it.audience_id === search.audience) ?? all[0];
  });
  const metric = createMemo((): Metric => METRICS.find((it) => it === search.by) ?? "total_spent");
  const frame = createMemo((): TimeFrame => FRAMES.find((it) => it === search.in) ?? "month_to_date");
  const query = createMemo(() => ({
    rank_by: metric(),
    time_frame: frame(),
    limit: PAGE,
    ...(search.page ? { cursor: search.page } : {}),
  }));
  const asked = createMemo(() => (store() ? { store: store()!.id, query: query() } : undefined));
  const [board, { refetch: reload }] = createResource(asked, ({ store, query }) =>
    ok(api.GET("/stores/{store}/leaderboard", { params: { path: { store }, query } })),
  );
  const [before, setBefore] = createSignal<(string | undefined)[]>([]);
  const choose = (changes: Record<string, string | undefined>): void => {
    setBefore([]);
    setSearch({ page: undefined, ...changes });
  };
  const turn = (page: string | undefined): void => setSearch({ page });

  return (
    <>
      <h1>{t("leaderboard.title")}</h1>
      <Switch>
        <Match when={sources.error}>
          <Failed error={sources.error} retry={() => void refetch()} />
        </Match>
        <Match when={sources.loading}>
          <Loading />
        </Match>
        <Match when={!store()}>
          <Empty title={t("leaderboard.noStore")}>
            <p>{t("leaderboard.noStoreWhat")}</p>
            <p>
              <A class="button primary" href="/stores">
                {t("stores.connect")}
              </A>
            </p>
          </Empty>
        </Match>
        <Match when={store()}>
          {(present) => (
            <>
              <form class="choices" onSubmit={(event) => event.preventDefault()}>
                <Select
                  label={t("leaderboard.audience")}
                  value={present().audience_id}
                  options={sources()!.audiences.map((it) => ({
                    value: it.id,
                    label: it.name,
                    disabled: !sources()!.stores.some((store) => store.audience_id === it.id),
                  }))}
                  onChange={(audience) => choose({ audience, store: undefined })}
                />
                <Select
                  label={t("leaderboard.source")}
                  value={present().id}
                  options={sources()!
                    .stores.filter((it) => it.audience_id === present().audience_id)
                    .map((it) => ({ value: it.id, label: it.name }))}
                  onChange={(store) => choose({ store })}
                />
                <Select
                  label={t("leaderboard.rankBy")}
                  value={metric()}
                  options={METRICS.map((it) => ({ value: it, label: t(`metric.${it}`) }))}
                  onChange={(by) => choose({ by })}
                />
                <Select
                  label={t("leaderboard.timeFrame")}
                  value={frame()}
                  options={FRAMES.map((it) => ({ value: it, label: t(`frame.${it}`) }))}
                  onChange={(wanted) => choose({ in: wanted })}
                />
              </form>
              <Switch>
                <Match when={board.error}>
                  <Failed error={board.error} retry={() => void reload()} />
                </Match>
                <Match when={board.latest}>
                  {(shown) => (
                    <section aria-busy={board.loading} class={board.loading ? "stale" : ""}>
                      <BoardHead board={shown()} store={present()} query={query()} />
                      <Show
                        when={shown().rows.length}
                        fallback={
                          <Empty title={t("leaderboard.empty")}>
                            <p>{t("leaderboard.emptyWhat")}</p>
                          </Empty>
                        }
                      >
                        <Board rows={shown().rows} metric={metric()} store={present()} />
                        <nav class="pager" aria-label={t("leaderboard.pages")}>
                          <button
                            type="button"
                            disabled={!before().length && !search.page}
                            onClick={() => {
                              const to = before().at(-1);
                              setBefore(before().slice(0, -1));
                              turn(to);
                            }}
                          >
                            {t("page.previous")}
                          </button>
                          <button
                            type="button"
                            disabled={!shown().next_cursor}
                            onClick={() => {
                              setBefore([...before(), search.page]);
                              turn(shown().next_cursor ?? undefined);
                            }}
                          >
                            {t("page.next")}
                          </button>
                        </nav>
                      </Show>
                    </section>
                  )}
                </Match>
                <Match when={board.loading}>
                  <Loading />
                </Match>
              </Switch>
            </>
          )}
        </Match>
      </Switch>
    </>
  );
}

function BoardHead(props: {
  board: Schemas["Leaderboard"];
  store: Store;
  query: { rank_by: Metric; time_frame: TimeFrame };
}): JSX.Element {
  const period = (): string => {
    const { start, end, time_zone } = props.board.period;
    return start && end ? days(start, end, time_zone) : t("frame.all_time");
  };
  const [busy, setBusy] = createSignal(false);
  async function download(): Promise<void> {
    setBusy(true);
    try {
      const { rank_by, time_frame } = props.query;
      await downloadCsv(`/stores/${props.store.id}/leaderboard`, { rank_by, time_frame }, `${props.store.name}-${props.board.period.id}.csv`);
    } finally {
      setBusy(false);
    }
  }
  return (
    <div class="board-head">
      <p>
        {t("leaderboard.period", { period: period(), zone: props.board.period.time_zone })}{" "}
        <span class="muted">{t("leaderboard.asOf", { ago: ago(props.board.as_of) })}</span>
      </p>
      <button type="button" disabled={busy()} onClick={() => void download()}>
        {t("leaderboard.csv")}
      </button>
    </div>
  );
}

function Board(props: { rows: Row[]; metric: Metric; store: Store }): JSX.Element {
  const [writingTo, setWritingTo] = createSignal<Row>();
  const top = (): number => Math.max(...props.rows.map((row) => Number(row[props.metric])), 0);
  const share = (row: Row): number => (top() > 0 ? Number(row[props.metric]) / top() : 0);
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
                  {t(`metric.${metric}` as Key)}
                </th>
              )}
            </For>
            <Show when={may("marketer")}>
              <th scope="col">
                <span class="unseen">{t("compose.open")}</span>
              </th>
            </Show>
          </tr>
        </thead>
        <tbody>
          <For each={props.rows}>
            {(row) => (
              <tr>
                <td class="rank">{whole(row.rank)}</td>
                <th scope="row">
                  <Who row={row} audience={props.store.audience_id} />
                  <span class="share" title={t("leaderboard.share", { share: percent(share(row)) })}>
                    <span style={{ width: `${share(row) * 100}%` }} />
                  </span>
                </th>
                <For each={METRICS}>
                  {(metric) => (
                    <td class={metric === props.metric ? "number ranked" : "number"} data-label={t(`metric.${metric}` as Key)}>
                      {metric === "orders_count" ? whole(row.orders_count) : money(row[metric], row.currency)}
                    </td>
                  )}
                </For>
                <Show when={may("marketer")}>
                  <td class="act">
                    <Show when={row.profile}>
                      <button
                        type="button"
                        aria-label={`${t("compose.open")}: ${row.name ?? row.email ?? ""}`}
                        onClick={() => setWritingTo(row)}
                      >
                        {t("compose.open")}
                      </button>
                    </Show>
                  </td>
                </Show>
              </tr>
            )}
          </For>
        </tbody>
      </table>
      <Show when={writingTo()}>
        {(row) => (
          <Compose
            path={{ audience: props.store.audience_id, contact: row().customer }}
            name={row().name ?? row().email ?? ""}
            store={props.store.id}
            open
            onClose={() => setWritingTo(undefined)}
          />
        )}
      </Show>
    </div>
  );
}

function Who(props: { row: Row; audience: string }): JSX.Element {
  const name = (): string => props.row.name ?? props.row.email ?? t("customer.unknown", { id: props.row.customer });
  return (
    <>
      <Show when={props.row.profile} fallback={<span class="who">{name()}</span>}>
        <A class="who" href={`/audiences/${props.audience}/contacts/${props.row.customer}`}>
          {name()}
        </A>
      </Show>
      <Show when={props.row.name && props.row.email}>
        <span class="muted email">{props.row.email}</span>
      </Show>
    </>
  );
}
