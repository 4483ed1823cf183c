import type { JSX } from "solid-js";
import { t } from "../i18n";
import { Tabs } from "../ui/tabs";

/** The screens about mail. */
export function MailTabs(): JSX.Element {
  return (
    <Tabs
      label={t("mail.title")}
      tabs={[
        { href: "/templates", label: t("templates.title") },
        { href: "/deliverability", label: t("deliverability.title") },
      ]}
    />
  );
}
