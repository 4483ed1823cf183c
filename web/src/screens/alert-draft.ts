import type { Schemas } from "../api/client";
import { number, text } from "./typed";

export type Kind = Schemas["SpendRuleIn"]["period"];

export const KINDS: Kind[] = ["week", "month", "quarter", "year"];

/** Alert rules as a form has them: numbers as they are typed, and what is not watched for with what it would be. */
export interface Draft {
  score: { on: boolean; percent: string; points: string };
  digest: Schemas["Digest"];
  stores: StoreDraft[];
}

export interface StoreDraft {
  id: string;
  metric: Schemas["Metric"];
  period: Kind;
  first: string;
  left: { on: boolean; first: string };
  fell: { on: boolean; ranks: string };
  spend: { on: boolean; percent: string; period: Kind };
  overdue: boolean;
}

const USUAL = { left: 50, fell: 100, spend: { percent: 50, period: "quarter" }, percent: 30 } as const;

/** A draft of the rules that there are. */
export function draftOf(rules: Schemas["AlertRules"]): Draft {
  return {
    score: { on: rules.score_falling !== null, percent: text((rules.score_falling ?? USUAL).percent), points: text(rules.score_falling?.points) },
    digest: rules.digest,
    stores: rules.stores.map((it) => ({
      id: it.store_id,
      metric: it.watch.rank_by,
      period: it.watch.period as Kind,
      first: text(it.watch.first),
      left: { on: it.left_first !== null, first: text(it.left_first ?? USUAL.left) },
      fell: { on: it.rank_fell !== null, ranks: text(it.rank_fell ?? USUAL.fell) },
      spend: {
        on: it.spend_down !== null,
        percent: text((it.spend_down ?? USUAL.spend).percent),
        period: (it.spend_down ?? USUAL.spend).period as Kind,
      },
      overdue: it.overdue,
    })),
  };
}

/** The rules that a draft describes. */
export function rulesOf(draft: Draft): Schemas["AlertRulesIn"] {
  const { score } = draft;
  return {
    score_falling: score.on ? { percent: number(score.percent), points: number(score.points) } : null,
    digest: draft.digest,
    stores: draft.stores.map((it) => ({
      store_id: it.id,
      watch: { rank_by: it.metric, period: it.period, first: Number(it.first) },
      left_first: it.left.on ? Number(it.left.first) : null,
      rank_fell: it.fell.on ? Number(it.fell.ranks) : null,
      spend_down: it.spend.on ? { percent: Number(it.spend.percent), period: it.spend.period } : null,
      overdue: it.overdue,
    })),
  };
}
