import { t } from "../i18n";

const DEEDS = [
  "order.placed",
  "order.refunded",
  "email.delivered",
  "email.opened",
  "email.clicked",
  "email.bounced",
  "email.complained",
  "unsubscribed",
  "page.visited",
  "form.submitted",
  "tag.added",
  "by_hand",
  "decay",
  "expiry",
] as const;

/** What a contact did, or was done to a score; names of the merchant's own are shown as they are. */
export function deedOf(name: string): string {
  const known = DEEDS.find((it) => it === name);
  return known ? t(`did.${known}`) : name;
}
