import { A, useSearchParams } from "@solidjs/router";
import { createMemo, createResource, createSignal, lazy, Match, Show, Suspense, Switch, type JSX } from "solid-js";
import { api, ok, Problem, type Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { Pager } from "../ui/pager";
import { turns } from "../ui/pages";
import { Rebuilding } from "../ui/rebuilding";
import { Select } from "../ui/select";
import { Empty, Failed, Loading } from "../ui/states";
import { watch } from "../ui/watch";
import { Arrival } from "./arrival";
import { Board } from "./board";
import { BoardHead, Percentiles } from "./board-head";
import { FRAMES, isOver } from "./frames";
import { METRICS } from "./metrics";

const ClosingChanges = lazy(() => import("./closing-changes"));

type Metric = Schemas["Metric"];
type TimeFrame = Schemas["TimeFrame"];
type Store = Schemas["Store"];
type View = Schemas["BoardView"];

const VIEWS: View[] = ["now", "closed"];
const PAGE = 50;
const LOOK_AGAIN = 60_000;
const LOOK_AGAIN_SOON = 5000;
const TICK = 15_000;

type Search = Record<"audience" | "store" | "by" | "in" | "view" | "page", string>;
type Sources = { audiences: Schemas["Audience"][]; stores: Store[] };

/** Customers ranked by what they bought, in a time frame. What is shown is all in the URL. */
export default function Leaderboard(): JSX.Element {
  const [sources, { refetch }] = createResource(async (): Promise<Sources> => {
    const [audiences, stores] = await Promise.all([ok(api.GET("/audiences")), ok(api.GET("/stores"))]);
    const shown = stores.stores.filter((store) => store.state === "connected" || store.state === "paused");
    return { audiences: audiences.audiences, stores: shown };
  });
  return (
    <>
      <h1>{t("leaderboard.title")}</h1>
      <Switch>
        <Match when={sources.error}>
          <Failed error={sources.error} retry={() => void refetch()} />
        </Match>
        <Match when={sources()?.stores.length === 0}>
          <FirstSteps />
        </Match>
        <Match when={sources()}>{(found) => <BoardOf sources={found()} />}</Match>
        <Match when={sources.loading}>
          <Loading />
        </Match>
      </Switch>
    </>
  );
}

function FirstSteps(): JSX.Element {
  return (
    <Empty title={t("leaderboard.noStore")}>
      <p>{t("leaderboard.noStoreWhat")}</p>
      <ol class="steps">
        <li>{t("first.connect")}</li>
        <li>{t("first.webhook")}</li>
        <li>{t("first.watch")}</li>
      </ol>
      <Show when={may("owner")} fallback={<p>{t("settings.ownersOnly")}</p>}>
        <p>
          <A class="button primary" href="/stores">
            {t("stores.connect")}
          </A>
        </p>
      </Show>
    </Empty>
  );
}

/** What the leader of a board has, for the pages that don't show the leader. */
const leaders = new Map<string, number>();

function BoardOf(props: { sources: Sources }): JSX.Element {
  const [search, setSearch] = useSearchParams<Search>();
  const store = createMemo((): Store => {
    const all = props.sources.stores;
    return all.find((it) => it.id === search.store) ?? all.find((it) => it.audience_id === search.audience) ?? all[0]!;
  });
  const metric = createMemo((): Metric => METRICS.find((it) => it === search.by) ?? "total_spent");
  const frame = createMemo((): TimeFrame => FRAMES.find((it) => it === search.in) ?? "month_to_date");
  const view = createMemo((): View => (isOver(frame()) && search.view === "closed" ? "closed" : "now"));
  const asked = createMemo(() => ({
    path: { store: store().id },
    query: { rank_by: metric(), time_frame: frame(), view: view(), limit: PAGE, ...(search.page ? { cursor: search.page } : {}) },
  }));
  const [board, { refetch }] = createResource(asked, (params) => ok(api.GET("/stores/{store}/leaderboard", { params })));
  const pages = turns(() => search.page, (page) => setSearch({ page }));
  const [now, setNow] = createSignal(Date.now());
  const choose = (changes: Partial<Record<keyof Search, string | undefined>>): void => setSearch({ page: undefined, ...changes });
  const wasNeverClosed = (): boolean => board.error instanceof Problem && board.error.slug === "no-closing-snapshot";
  watch(LOOK_AGAIN, () => !board.loading && !wasNeverClosed(), () => void refetch());
  watch(LOOK_AGAIN_SOON, () => board.state === "ready" && board.latest?.rebuilding === true, () => void refetch());
  watch(TICK, () => true, () => setNow(Date.now()));
  const key = (shown: Schemas["Leaderboard"]): string => [shown.store.id, shown.rank_by, shown.period.id, shown.view].join();
  const top = (shown: Schemas["Leaderboard"]): number => {
    const first = shown.rows[0];
    if (first && (first.rank === 1 || !leaders.has(key(shown)))) leaders.set(key(shown), Number(first[shown.rank_by]));
    return leaders.get(key(shown)) ?? 0;
  };
  return (
    <>
      <form class="choices" onSubmit={(event) => event.preventDefault()}>
        <Select
          label={t("leaderboard.audience")}
          value={store().audience_id}
          options={props.sources.audiences.map((it) => ({
            value: it.id,
            label: it.name,
            disabled: !props.sources.stores.some((store) => store.audience_id === it.id),
          }))}
          onChange={(audience) => choose({ audience, store: undefined })}
        />
        <Select
          label={t("leaderboard.source")}
          value={store().id}
          options={props.sources.stores
            .filter((it) => it.audience_id === store().audience_id)
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
        <Show when={isOver(frame())}>
          <Select
            label={t("board.view")}
            value={view()}
            options={VIEWS.map((it) => ({ value: it, label: t(`board.view.${it}`) }))}
            onChange={(wanted) => choose({ view: wanted === "now" ? undefined : wanted })}
          />
        </Show>
      </form>
      <Show when={store().state === "paused"}>
        <p class="notice">{t("leaderboard.paused")}</p>
      </Show>
      <Switch>
        <Match when={wasNeverClosed()}>
          <Empty title={t("board.neverClosed")}>
            <p>{t("board.noClosing")}</p>
            <button type="button" onClick={() => choose({ view: undefined })}>
              {t("board.showNow")}
            </button>
          </Empty>
        </Match>
        <Match when={board.error}>
          <Failed error={board.error} retry={() => void refetch()} />
        </Match>
        <Match when={board.latest}>
          {(shown) => (
            <section aria-busy={board.loading} class={board.loading ? "stale" : ""}>
              <Rebuilding of={shown()} />
              <BoardHead
                board={shown()}
                name={store().name}
                audience={store().audience_id}
                metric={metric()}
                frame={frame()}
                alone={!shown().next_cursor && !search.page}
                now={now()}
                onRefresh={() => void refetch()}
              />
              <Show when={shown().rows.length} fallback={<Nobody store={store()} frame={frame()} onAll={() => choose({ in: "all_time" })} />}>
                <Percentiles board={shown()} />
                <Board
                  rows={shown().rows}
                  metric={metric()}
                  frame={frame()}
                  store={store()}
                  top={top(shown())}
                  closed={shown().view === "closed"}
                />
                <Show when={search.page || shown().next_cursor}>
                  <Pager turns={pages} next={shown().next_cursor} />
                </Show>
              </Show>
              <Show when={isOver(frame()) && `${store().id} ${frame()}`} keyed>
                <Changes store={store()} metric={metric()} frame={frame()} />
              </Show>
            </section>
          )}
        </Match>
        <Match when={board.loading}>
          <Loading />
        </Match>
      </Switch>
    </>
  );
}

/** Nobody bought in this time: perhaps ever, then how orders arrive is what to see. */
function Nobody(props: { store: Store; frame: TimeFrame; onAll: () => void }): JSX.Element {
  return (
    <Show
      when={props.frame === "all_time"}
      fallback={
        <Empty title={t("leaderboard.empty")}>
          <p>{t("leaderboard.emptyWhat")}</p>
          <p>
            <button type="button" onClick={() => props.onAll()}>
              {t("leaderboard.showAll")}
            </button>
          </p>
        </Empty>
      }
    >
      <Arrival store={props.store} first />
    </Show>
  );
}

/** What has changed since a board was closed, asked for when somebody wants to know. */
function Changes(props: { store: Store; metric: Metric; frame: TimeFrame }): JSX.Element {
  const [isOpen, setOpen] = createSignal(false);
  return (
    <details class="card apart" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("closing.title")}</summary>
      <Show when={isOpen()}>
        <Suspense fallback={<Loading />}>
          <ClosingChanges store={props.store} metric={props.metric} frame={props.frame} />
        </Suspense>
      </Show>
    </details>
  );
}
