import type { JSX } from "solid-js";
import { t } from "../i18n";
import { AudienceTabs } from "../ui/tabs";

/** The screens about scores, all of the same audience. */
export function ScoreTabs(): JSX.Element {
  return (
    <AudienceTabs
      label={t("scores.title")}
      tabs={[
        { href: "/scores", label: t("scores.title") },
        { href: "/rules", label: t("rules.title") },
        { href: "/back-test", label: t("backTest.title") },
      ]}
    />
  );
}
