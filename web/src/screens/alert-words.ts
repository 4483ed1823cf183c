import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { calendarDay, money, percent, periodName } from "../i18n/format";

type Alert = Schemas["Alert"];

/** Why somebody seems to slip away, as a sentence. */
export function reasonOf(alert: Alert): string {
  const it = alert.reason;
  if ("rank_before" in it) {
    const at = { before: it.rank_before, then: periodName(it.period_before), now: periodName(it.period), rank: it.rank ?? 0 };
    return alert.kind === "left_first"
      ? t("alertReason.left_first", { ...at, asked: it.asked })
      : t("alertReason.rank_fell", { ...at, lost: it.ranks_lost });
  }
  if ("spent_before" in it)
    return t("alertReason.spend_down", {
      share: percent(it.percent / 100),
      before: money(it.spent_before, alert.currency),
      spent: money(it.spent, alert.currency),
      then: periodName(it.period_before),
      now: periodName(it.period),
      days: it.days ?? 0,
    });
  if ("last_purchase" in it)
    return t("alertReason.overdue", {
      usual: it.usual_days,
      last: calendarDay(it.last_purchase),
      since: calendarDay(it.late_since),
    });
  return t("alertReason.score_falling", {
    share: percent(it.percent / 100),
    days: it.days,
    before: it.score_before,
    score: it.score ?? -1,
  });
}
