import { Match, Show, Switch, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { moment, periodName, whole } from "../i18n/format";

const LISTED = 1000;

/** A rank; an estimate says that it is one. */
export function Rank(props: { rank: number; exact: boolean }): JSX.Element {
  return (
    <Show when={!props.exact} fallback={whole(props.rank)}>
      <abbr title={t("rank.estimated")}>
        <span aria-hidden="true">≈ {whole(props.rank)}</span>
        <span class="unseen">{t("rank.about", { rank: props.rank })}</span>
      </abbr>
    </Show>
  );
}

/** Places won or lost, as an arrow to look at and as words to hear. */
export function Movement(props: { of: Schemas["Movement"] | null }): JSX.Element {
  return (
    <Show when={props.of}>
      {(it) => (
        <span class={`moved ${it().kind}`}>
          <Switch fallback={moved(it())}>
            <Match when={it().kind === "same"}>
              <Sign shown="=" said={t("move.same")} />
            </Match>
            <Match when={it().kind === "up" && it().by === null}>
              <Sign shown={`▲ ${whole(LISTED)}+`} said={moved(it())} />
            </Match>
            <Match when={it().by !== null && it()}>
              {(by) => <Sign shown={`${by().kind === "up" ? "▲" : "▼"} ${whole(by().by ?? 0)}`} said={moved(it())} />}
            </Match>
          </Switch>
        </span>
      )}
    </Show>
  );
}

function Sign(props: { shown: string; said: string }): JSX.Element {
  return (
    <>
      <span aria-hidden="true">{props.shown}</span>
      <span class="unseen">{props.said}</span>
    </>
  );
}

/** A movement in words. */
export function moved(it: Schemas["Movement"]): string {
  if (it.kind === "up" && it.by === null) return t("move.up", { first: LISTED });
  return it.kind === "up" || it.kind === "down" ? t("leaderboard.moved", { places: it.by ?? 0, way: it.kind }) : t(`move.${it.kind}`);
}

/** Since when movement is told: a moment within the period, or the close of the one before. */
export function sinceWhen(since: Schemas["SnapshotRef"], board: { period: Schemas["Period"] }): string {
  return since.period === board.period.id
    ? t("since.moment", { at: moment(since.taken_at) })
    : t("since.close", { period: periodName(since.period) });
}
