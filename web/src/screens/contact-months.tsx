import { For, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { money, month, whole } from "../i18n/format";

type Month = Schemas["MonthFigures"];

const WIDTH = 600;
const HEIGHT = 140;
const GAP = 6;

/** What a contact spent month by month: bars to look at, and the same as a table to read. */
export function Months(props: { months: Month[] }): JSX.Element {
  const most = (): number => Math.max(1, ...props.months.map((it) => Number(it.total_spent)));
  const step = (): number => WIDTH / props.months.length;
  const height = (it: Month): number => (Math.max(0, Number(it.total_spent)) / most()) * HEIGHT;
  const best = (): Month => props.months.reduce((one, other) => (Number(other.total_spent) > Number(one.total_spent) ? other : one));
  const ends = (): [Month, Month] => [props.months[0]!, props.months.at(-1)!];
  return (
    <figure class="months">
      <figcaption class="muted">
        {t("months.summary", { best: month(best().month), total: money(best().total_spent, best().currency) })}
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT + 1}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <line x1="0" x2={WIDTH} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
        <For each={props.months}>
          {(it, place) => (
            <rect
              x={place() * step() + GAP / 2}
              y={HEIGHT - height(it)}
              width={step() - GAP}
              height={height(it)}
            >
              <title>{`${month(it.month)}: ${money(it.total_spent, it.currency)}`}</title>
            </rect>
          )}
        </For>
      </svg>
      <div class="axis muted" aria-hidden="true">
        <For each={ends()}>{(it) => <span>{month(it.month, "short")}</span>}</For>
      </div>
      <details>
        <summary>{t("months.table")}</summary>
        <table class="plain-table">
          <thead>
            <tr>
              <th scope="col">{t("rates.month")}</th>
              <th scope="col" class="number">
                {t("metric.orders_count")}
              </th>
              <th scope="col" class="number">
                {t("metric.total_spent")}
              </th>
            </tr>
          </thead>
          <tbody>
            <For each={props.months.toReversed()}>
              {(it) => (
                <tr>
                  <th scope="row">{month(it.month)}</th>
                  <td class="number">{whole(it.orders_count)}</td>
                  <td class="number">{money(it.total_spent, it.currency)}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </details>
    </figure>
  );
}
