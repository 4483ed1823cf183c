import { useSearchParams } from "@solidjs/router";
import type { JSX } from "solid-js";
import { t } from "../i18n";
import { Tabs } from "../ui/tabs";

/** The screens about customers who slip away, of the same audience. */
export function AlertTabs(): JSX.Element {
  const [search] = useSearchParams<Record<"audience", string>>();
  const of = (path: string): string => (search.audience ? `${path}?audience=${search.audience}` : path);
  return (
    <Tabs
      label={t("alerts.title")}
      tabs={[
        { href: of("/alerts"), label: t("alerts.title") },
        { href: of("/alert-rules"), label: t("alertRules.title") },
      ]}
    />
  );
}
