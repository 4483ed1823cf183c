import type { JSX } from "solid-js";
import { t } from "../i18n";
import { AudienceTabs } from "../ui/tabs";

/** The screens about customers who slip away, of the same audience. */
export function AlertTabs(): JSX.Element {
  return (
    <AudienceTabs
      label={t("alerts.title")}
      tabs={[
        { href: "/alerts", label: t("alerts.title") },
        { href: "/alert-rules", label: t("alertRules.title") },
      ]}
    />
  );
}
