import { ifMatch, type Schemas } from "../api/client";
import { number, text } from "./typed";

export type Trigger = Schemas["TriggerIn"];
export type Condition = Schemas["AutomationConditionIn"];
export type Step = Schemas["StepIn"];

/** What a form holds of a trigger: the fields of every kind, as they are typed. */
export interface TriggerDraft {
  kind: Trigger["kind"];
  points: string;
  least: string;
  most: string;
  store: string;
  rankBy: Schemas["Metric"];
  frame: Schemas["TimeFrame"];
  first: string;
  tag: string;
  of: Schemas["Pulse"];
  days: string;
  alerts: Schemas["AlertKind"][];
}

export interface ConditionDraft {
  kind: Condition["kind"];
  statuses: Schemas["ConsentStatus"][];
  tag: string;
  has: boolean;
  locales: string;
  least: string;
  most: string;
  store: string;
  rankBy: Schemas["Metric"];
  frame: Schemas["TimeFrame"];
}

export interface StepDraft {
  kind: Step["kind"];
  wait: string;
  unit: Schemas["DelayUnit"];
  template: string;
  store: string;
  tag: string;
  effect: "add" | "subtract" | "set" | "remove";
  points: string;
  programme: string;
  note: string;
  url: string;
  name: string;
}

export interface Draft {
  name: string;
  enabled: boolean;
  trigger: TriggerDraft;
  conditions: ConditionDraft[];
  steps: StepDraft[];
  repeat: Schemas["Repeat"];
  hysteresis: string;
  includeExisting: boolean;
  countsHistory: boolean;
}

const TRIGGER: TriggerDraft = {
  kind: "score_reaches",
  points: "100",
  least: "100",
  most: "199",
  store: "",
  rankBy: "total_spent",
  frame: "month_to_date",
  first: "10",
  tag: "",
  of: "purchase",
  days: "60",
  alerts: [],
};

/** A condition to begin with; `store` is the one that is likely meant. */
export function newCondition(store: string): ConditionDraft {
  return {
    kind: "consent",
    statuses: ["subscribed"],
    tag: "",
    has: true,
    locales: "",
    least: "",
    most: "",
    store,
    rankBy: "total_spent",
    frame: "all_time",
  };
}

/** A step to begin with. */
export function newStep(): StepDraft {
  return {
    kind: "send_template",
    wait: "",
    unit: "days",
    template: "",
    store: "",
    tag: "",
    effect: "add",
    points: "10",
    programme: "",
    note: "",
    url: "",
    name: "",
  };
}

/** What the form holds of an automation, or to begin with. */
export function draftOf(it: Schemas["Automation"] | undefined, store: string): Draft {
  return {
    name: it?.name ?? "",
    enabled: it?.enabled ?? true,
    trigger: it ? triggerDraft(it.trigger, store) : { ...TRIGGER, store },
    conditions: (it?.conditions ?? []).map((condition) => conditionDraft(condition, store)),
    steps: it ? it.steps.map(stepDraft) : [newStep()],
    repeat: it?.repeat ?? "once",
    hysteresis: String(it?.hysteresis ?? 0),
    includeExisting: false,
    countsHistory: it?.counts_history ?? false,
  };
}

/** What is sent of a form. */
export function automationOf(draft: Draft): Schemas["AutomationIn"] {
  return {
    name: draft.name.trim(),
    enabled: draft.enabled,
    trigger: triggerOf(draft.trigger),
    conditions: draft.conditions.map(conditionOf),
    steps: draft.steps.map(stepOf),
    repeat: draft.repeat,
    hysteresis: canGoBack(draft.trigger.kind) && draft.repeat === "every_time" ? Number(draft.hysteresis || 0) : 0,
    include_existing: draft.enabled && draft.includeExisting,
    counts_history: draft.countsHistory,
  };
}

/** Names an automation, and the version of it that was read. */
export function paramsOf(
  audience: string,
  it: Schemas["Automation"],
): { path: { audience: string; automation: string }; header: ReturnType<typeof ifMatch> } {
  return { path: { audience, automation: it.id }, header: ifMatch(it.version) };
}

/** True for triggers on a value that can go to and fro. */
export function canGoBack(kind: Trigger["kind"]): boolean {
  return kind.startsWith("score_") || kind.startsWith("rank_");
}

function triggerDraft(it: Trigger, store: string): TriggerDraft {
  const draft = { ...TRIGGER, store, kind: it.kind };
  switch (it.kind) {
    case "score_reaches":
    case "score_falls_under":
      return { ...draft, points: String(it.points) };
    case "score_enters":
      return { ...draft, least: String(it.least), most: String(it.most) };
    case "rank_enters":
    case "rank_leaves":
      return { ...draft, store: it.store, rankBy: it.rank_by, frame: it.time_frame, first: String(it.first) };
    case "tag_added":
      return { ...draft, tag: it.tag };
    case "silent":
      return { ...draft, of: it.of, days: String(it.days) };
    case "first_purchase":
      return draft;
    case "slipping":
      return { ...draft, alerts: it.alerts };
  }
}

function triggerOf(it: TriggerDraft): Trigger {
  switch (it.kind) {
    case "score_reaches":
    case "score_falls_under":
      return { kind: it.kind, points: Number(it.points) };
    case "score_enters":
      return { kind: it.kind, least: Number(it.least), most: Number(it.most) };
    case "rank_enters":
    case "rank_leaves":
      return { kind: it.kind, store: it.store, rank_by: it.rankBy, time_frame: it.frame, first: Number(it.first) };
    case "tag_added":
      return { kind: it.kind, tag: it.tag.trim() };
    case "silent":
      return { kind: it.kind, of: it.of, days: Number(it.days) };
    case "first_purchase":
      return { kind: it.kind };
    case "slipping":
      return { kind: it.kind, alerts: it.alerts };
  }
}

function conditionDraft(it: Condition, store: string): ConditionDraft {
  const draft = { ...newCondition(store), kind: it.kind };
  switch (it.kind) {
    case "consent":
      return { ...draft, statuses: it.statuses };
    case "tag":
      return { ...draft, tag: it.tag, has: it.has };
    case "locale":
      return { ...draft, locales: it.locales.join(", ") };
    case "score":
      return { ...draft, least: text(it.least), most: text(it.most) };
    case "metric":
      return { ...draft, least: text(it.least), most: text(it.most), store: it.store, rankBy: it.rank_by, frame: it.time_frame };
  }
}

function conditionOf(it: ConditionDraft): Condition {
  switch (it.kind) {
    case "consent":
      return { kind: it.kind, statuses: it.statuses };
    case "tag":
      return { kind: it.kind, tag: it.tag.trim(), has: it.has };
    case "locale":
      return { kind: it.kind, locales: it.locales.split(",").map((one) => one.trim()).filter(Boolean) };
    case "score":
      return { kind: it.kind, least: number(it.least), most: number(it.most) };
    case "metric":
      return { kind: it.kind, store: it.store, rank_by: it.rankBy, time_frame: it.frame, least: it.least.trim() || null, most: it.most.trim() || null };
  }
}

function stepDraft(it: Step): StepDraft {
  const draft = { ...newStep(), kind: it.kind, wait: text(it.delay?.amount), unit: it.delay?.unit ?? "days" };
  switch (it.kind) {
    case "send_template":
      return { ...draft, template: it.template, store: it.store ?? "" };
    case "add_tag":
    case "remove_tag":
      return { ...draft, tag: it.tag };
    case "change_score":
      return { ...draft, effect: it.effect, points: text(it.points) };
    case "give_reward":
      return { ...draft, programme: it.programme };
    case "notify_team":
      return { ...draft, note: it.note };
    case "call_webhook":
      return { ...draft, url: it.url };
    case "put_event":
      return { ...draft, name: it.name };
  }
}

function stepOf(it: StepDraft): Step {
  const delay = it.wait ? { amount: Number(it.wait), unit: it.unit } : null;
  switch (it.kind) {
    case "send_template":
      return { kind: it.kind, delay, template: it.template, store: it.store || null };
    case "add_tag":
    case "remove_tag":
      return { kind: it.kind, delay, tag: it.tag.trim() };
    case "change_score":
      return { kind: it.kind, delay, effect: it.effect, points: it.effect === "remove" ? null : Number(it.points) };
    case "give_reward":
      return { kind: it.kind, delay, programme: it.programme };
    case "notify_team":
      return { kind: it.kind, delay, note: it.note.trim() };
    case "call_webhook":
      return { kind: it.kind, delay, url: it.url.trim() };
    case "put_event":
      return { kind: it.kind, delay, name: it.name.trim() };
  }
}
