import { A } from "@solidjs/router";
import { createSignal, For, Show, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { money, percent, whole } from "../i18n/format";
import { may } from "../session";
import { Compose } from "./compose";

type Row = Schemas["Row"];
type Metric = Schemas["Metric"];

export const METRICS: Metric[] = ["total_spent", "orders_count", "average_order_value"];

/** The ranked customers of a page; `before` are the ranks they had when one looked last. */
export function Board(props: {
  rows: Row[];
  metric: Metric;
  store: Schemas["Store"];
  top: number;
  before: ReadonlyMap<string, number> | undefined;
}): JSX.Element {
  const [writingTo, setWritingTo] = createSignal<Row>();
  const share = (row: Row): number => (props.top > 0 ? Math.max(0, Math.min(1, Number(row[props.metric]) / props.top)) : 0);
  const movement = (row: Row): number | null => row.movement ?? (props.before?.get(row.customer) ?? row.rank) - row.rank;
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
                <td class="rank">
                  {whole(row.rank)}
                  <Movement places={movement(row)} />
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

function Movement(props: { places: number | null }): JSX.Element {
  return (
    <Show when={props.places}>
      {(places) => (
        <span class={places() > 0 ? "moved up" : "moved down"}>
          <span aria-hidden="true">{`${places() > 0 ? "▲" : "▼"} ${whole(Math.abs(places()))}`}</span>
          <span class="unseen">{t("leaderboard.moved", { places: Math.abs(places()), way: places() > 0 ? "up" : "down" })}</span>
        </span>
      )}
    </Show>
  );
}

function Who(props: { row: Row; audience: string }): JSX.Element {
  const name = (): string => props.row.name ?? props.row.email ?? t("customer.unknown", { id: props.row.customer });
  return (
    <>
      <Show when={props.row.profile} fallback={<bdi class="who">{name()}</bdi>}>
        <A class="who" href={`/audiences/${props.audience}/contacts/${props.row.customer}`}>
          <bdi>{name()}</bdi>
        </A>
      </Show>
      <Show when={props.row.name && props.row.email}>
        <span class="muted email">{props.row.email}</span>
      </Show>
    </>
  );
}
