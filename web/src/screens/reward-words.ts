import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { money } from "../i18n/format";
import { nameIn } from "./automation-things";

/** Who gets a reward, in words. */
export function whoSays(who: Schemas["Who"], store: string | null, stores: Schemas["Store"][], tiers: Schemas["Tier"][]): string {
  switch (who.kind) {
    case "board":
      return t("whoSays.board", {
        first: who.first!,
        store: nameIn(stores, store ?? "") ?? t("automations.gone"),
        metric: t(`metric.${who.metric!}`),
        frame: who.time_frame!,
      });
    case "score":
      return t("whoSays.score", { points: who.points! });
    case "tier":
      return t("whoSays.tier", { tier: nameIn(tiers, who.tier!) ?? t("automations.gone") });
    case "hand":
      return t("whoSays.hand");
  }
}

/** What a reward is, in words. */
export function benefitSays(benefit: Schemas["Benefit"], currency: string | null): string {
  const text = benefit.text ?? "none";
  switch (benefit.kind) {
    case "percent_off":
      return t("benefitSays.percent_off", { percent: benefit.percent!, text });
    case "amount_off":
      return t("benefitSays.amount_off", { amount: money(benefit.amount!, currency!), text });
    default:
      return benefit.text ? `${t(`benefitKind.${benefit.kind}`)}: ${benefit.text}` : t(`benefitKind.${benefit.kind}`);
  }
}
