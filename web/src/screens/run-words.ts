import type { Schemas } from "../api/client";
import { t, type Key } from "../i18n";
import { whole } from "../i18n/format";

/** Why something did not happen, as far as there are words for it. */
const WHYS = [
  "allowance-used",
  "already-given",
  "automation-deleted",
  "budget-used",
  "consent",
  "contact-gone",
  "daily-ceiling-reached",
  "ended",
  "fields-without-value",
  "held-out",
  "locale",
  "loop",
  "metric",
  "no-contact",
  "no-email-address",
  "no-postal-address",
  "no-programme",
  "not-found",
  "not-subscribed",
  "paused",
  "plan-required",
  "pool-empty",
  "revoked",
  "score",
  "sender-not-verified",
  "sending-stopped",
  "suppressed",
  "tag",
  "too-many-tags",
  "too-often",
] as const;
const OUTCOMES = ["begun", "done", "unchanged", "refused", "retried", "failed"] as const;

/** A reason in words; a code that there are none for is shown as it is. */
export function whySays(code: string): string {
  const known = WHYS.find((it) => it === code.replaceAll("_", "-"));
  return known ? t(`why.${known}`) : code;
}

/** What came of a step, in words. */
export function outcomeSays(it: Schemas["StepOutcome"]): string {
  const known = OUTCOMES.find((outcome) => outcome === it.outcome);
  const said = known ? t(`outcome.${known}`) : it.outcome;
  return typeof it.detail["problem"] === "string" ? `${said}: ${whySays(it.detail["problem"])}` : said;
}

/** What set a run off, in words. */
export function causeSays(cause: Record<string, unknown>): string {
  const value = (name: string): string => (typeof cause[name] === "number" ? whole(cause[name]) : t("cause.none"));
  switch (cause["kind"]) {
    case "score":
    case "rank":
      return t(`cause.${cause["kind"]}`, { before: value("before"), after: value("after") });
    case "tag":
      return t("cause.tag", { tag: String(cause["tag"]) });
    case "silent":
      return t("cause.silent", { days: Number(cause["days"]), pulse: String(cause["pulse"]) });
    case "alert":
      return t("cause.alert", { alert: t(`alertKind.${String(cause["alert"])}` as Key) });
    case "purchase":
      return t("cause.purchase");
    default:
      return t("cause.existing");
  }
}
