import { ifMatch, type Schemas } from "../api/client";
import { number, text } from "./typed";

type Programme = Schemas["Programme"];
type ClosedFrame = NonNullable<Schemas["WhoIn"]["time_frame"]>;

export const WHO: Schemas["Who"]["kind"][] = ["board", "score", "tier", "hand"];
export const CLOSED: ClosedFrame[] = ["last_week", "last_month", "last_quarter", "last_year"];
export const BENEFITS: Schemas["BenefitKind"][] = ["percent_off", "amount_off", "free_product", "early_access"];
export const SOURCES: Schemas["CouponSource"][] = ["none", "one_code", "pool", "generated"];

/** What a form holds of a programme: the fields of every kind, as they are typed. */
export interface Draft {
  name: string;
  state: Schemas["ProgrammeState"];
  who: Schemas["Who"]["kind"];
  store: string;
  metric: Schemas["Metric"];
  frame: ClosedFrame;
  first: string;
  points: string;
  tier: string;
  benefit: Schemas["BenefitKind"];
  percent: string;
  amount: string;
  text: string;
  worth: string;
  source: Schemas["CouponSource"];
  code: string;
  prefix: string;
  validDays: string;
  mostAwards: string;
  mostValue: string;
  holdOut: string;
  template: string;
}

/** What the form holds of a programme, or to begin with; `store` and `tier` are those that are likely meant. */
export function draftOf(it: Programme | undefined, store: string, tier: string): Draft {
  return {
    name: it?.name ?? "",
    state: it?.state ?? "active",
    who: it?.who.kind ?? "board",
    store: it?.store ?? store,
    metric: it?.who.metric ?? "total_spent",
    frame: CLOSED.find((frame) => frame === it?.who.time_frame) ?? "last_month",
    first: text(it?.who.first ?? 10),
    points: text(it?.who.points ?? 1000),
    tier: it?.who.tier ?? tier,
    benefit: it?.benefit.kind ?? "percent_off",
    percent: text(it?.benefit.percent ?? 10),
    amount: text(it?.benefit.amount),
    text: text(it?.benefit.text),
    worth: text(it?.benefit.worth),
    source: it?.coupon.source ?? "none",
    code: text(it?.coupon.code),
    prefix: text(it?.coupon.prefix),
    validDays: text(it?.valid_days),
    mostAwards: text(it?.budget.awards),
    mostValue: text(it?.budget.value),
    holdOut: text(it?.hold_out ?? 0),
    template: text(it?.template),
  };
}

/** What is sent of a form. */
export function programmeOf(draft: Draft): Schemas["ProgrammeIn"] {
  const isSum = draft.benefit === "amount_off";
  const worth = isSum ? null : draft.worth.trim() || null;
  return {
    name: draft.name.trim(),
    state: draft.state,
    who: whoOf(draft),
    benefit: {
      kind: draft.benefit,
      ...(draft.benefit === "percent_off" ? { percent: Number(draft.percent) } : {}),
      ...(isSum ? { amount: draft.amount.trim() } : {}),
      ...(worth ? { worth } : {}),
      text: draft.text.trim() || null,
    },
    coupon: {
      source: draft.source,
      ...(draft.source === "one_code" ? { code: draft.code.trim() } : {}),
      ...(draft.source === "generated" && draft.prefix ? { prefix: draft.prefix } : {}),
    },
    store: draft.store || null,
    valid_days: number(draft.validDays),
    budget: { awards: number(draft.mostAwards), value: isSum || worth ? draft.mostValue.trim() || null : null },
    hold_out: Number(draft.holdOut || 0),
    template: draft.template || null,
  };
}

/** Names a programme, and the version of it that was read. */
export function paramsOf(audience: string, it: Programme): { path: { audience: string; programme: string }; header: ReturnType<typeof ifMatch> } {
  return { path: { audience, programme: it.id }, header: ifMatch(it.version) };
}

function whoOf(draft: Draft): Schemas["WhoIn"] {
  switch (draft.who) {
    case "board":
      return { kind: "board", metric: draft.metric, time_frame: draft.frame, first: Number(draft.first) };
    case "score":
      return { kind: "score", points: Number(draft.points) };
    case "tier":
      return { kind: "tier", tier: draft.tier };
    case "hand":
      return { kind: "hand" };
  }
}
