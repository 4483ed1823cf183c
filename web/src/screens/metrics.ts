import type { Schemas } from "../api/client";
import { money, whole } from "../i18n/format";

type Metric = Schemas["Metric"];

/** What boards rank by, in the order in which it is shown. */
export const METRICS: Metric[] = ["total_spent", "orders_count", "average_order_value"];

/** A customer's value of a metric, as text. */
export function valueOf(metric: Metric, figures: { orders_count: number; total_spent: string; average_order_value: string; currency: string }): string {
  return shownAs(metric, figures[metric], figures.currency);
}

/** A value of a metric as the API gives it: purchases as a number, money as a decimal string. */
export function shownAs(metric: Metric, value: number | string, currency: string): string {
  return metric === "orders_count" ? whole(Number(value)) : money(String(value), currency);
}
