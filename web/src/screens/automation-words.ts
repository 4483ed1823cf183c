import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { listed, money, whole } from "../i18n/format";
import { nameIn, type Things } from "./automation-things";

type Trigger = Schemas["TriggerIn"];
type Condition = Schemas["AutomationConditionIn"];
type Step = Schemas["StepIn"];

/** What sets an automation off, as the beginning of a sentence. */
export function triggerSays(trigger: Trigger, things: Things): string {
  switch (trigger.kind) {
    case "score_reaches":
    case "score_falls_under":
      return t(`triggerSays.${trigger.kind}`, { points: trigger.points });
    case "score_enters":
      return t("triggerSays.score_enters", { least: trigger.least, most: trigger.most });
    case "rank_enters":
    case "rank_leaves":
      return t(`triggerSays.${trigger.kind}`, { first: trigger.first, ...boardOf(trigger, things) });
    case "tag_added":
      return t("triggerSays.tag_added", { tag: trigger.tag });
    case "silent":
      return t("triggerSays.silent", { of: trigger.of, days: trigger.days });
    case "first_purchase":
      return t("triggerSays.first_purchase");
    case "slipping":
      return t("triggerSays.slipping", { alerts: trigger.alerts.length ? listed(trigger.alerts.map((it) => t(`alertKind.${it}`))) : "none" });
  }
}

/** A condition, as a part of a sentence. */
export function conditionSays(condition: Condition, things: Things): string {
  switch (condition.kind) {
    case "consent":
      return t("conditionSays.consent", { statuses: listed(condition.statuses.map((it) => t(`consent.${it}`))) });
    case "tag":
      return t("conditionSays.tag", { tag: condition.tag, has: String(condition.has) });
    case "locale":
      return t("conditionSays.locale", { locales: listed(condition.locales) });
    case "score":
      return t("conditionSays.score", { range: range(condition.least, condition.most, whole) });
    case "metric": {
      const store = things.stores.find((it) => it.id === condition.store);
      const shown = (value: string | number): string =>
        condition.rank_by === "orders_count" || !store ? whole(Number(value)) : money(String(value), store.currency);
      return t("conditionSays.metric", { ...boardOf(condition, things), range: range(condition.least, condition.most, shown) });
    }
  }
}

/** A step, as a part of a sentence, with what is waited for before it. */
export function stepSays(step: Step, things: Things): string {
  const said = withoutDelay(step, things);
  return step.delay ? t("stepSays.after", { delay: t(`delay.${step.delay.unit}`, { amount: step.delay.amount }), step: said }) : said;
}

function withoutDelay(step: Step, things: Things): string {
  switch (step.kind) {
    case "send_template":
      return t("stepSays.send_template", { template: named(things.templates, step.template) });
    case "add_tag":
    case "remove_tag":
      return t(`stepSays.${step.kind}`, { tag: step.tag });
    case "change_score":
      return t("stepSays.change_score", { effect: step.effect, points: step.points ?? 0 });
    case "give_reward":
      return t("stepSays.give_reward", { programme: named(things.programmes, step.programme) });
    case "notify_team":
      return t("stepSays.notify_team");
    case "call_webhook":
      return t("stepSays.call_webhook", { url: new URL(step.url).host });
    case "put_event":
      return t("stepSays.put_event", { name: step.name });
  }
}

function boardOf(
  of: { store: string; rank_by: Schemas["Metric"]; time_frame: Schemas["TimeFrame"] },
  things: Things,
): { store: string; metric: string; frame: string } {
  return { store: named(things.stores, of.store), metric: t(`metric.${of.rank_by}`), frame: t(`frame.${of.time_frame}`) };
}

function named(list: { id: string; name: string }[], id: string): string {
  return nameIn(list, id) ?? t("automations.gone");
}

function range<T>(least: T | null | undefined, most: T | null | undefined, shown: (value: T) => string): string {
  const low = least ?? undefined;
  const high = most ?? undefined;
  if (low !== undefined && high !== undefined) return t("range.between", { least: shown(low), most: shown(high) });
  if (low !== undefined) return t("range.least", { least: shown(low) });
  return high === undefined ? "" : t("range.most", { most: shown(high) });
}
