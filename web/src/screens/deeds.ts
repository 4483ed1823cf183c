import { t } from "../i18n";

/** Activities that Laurel knows by name. */
export const ACTIVITIES = [
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
] as const;
const DEEDS = [...ACTIVITIES, "by_hand", "decay", "expiry"] as const;

/** What an activity is called; names of the merchant's own are shown as they are. */
export function activityName(name: string): string {
  const known = ACTIVITIES.find((it) => it === name);
  return known ? t(`activity.${known}`) : name;
}

/** What a contact did, or was done to a score; names of the merchant's own are shown as they are. */
export function deedOf(name: string): string {
  const known = DEEDS.find((it) => it === name);
  return known ? t(`did.${known}`) : name;
}
