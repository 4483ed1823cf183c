import type { Schemas } from "../api/client";

/** The time frames of boards, in the order in which they are offered. */
export const FRAMES: Schemas["TimeFrame"][] = [
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

/** True for a time frame whose period is over, so that its board was closed. */
export const isOver = (frame: Schemas["TimeFrame"]): boolean => frame.startsWith("last_");
