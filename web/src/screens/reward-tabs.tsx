import type { JSX } from "solid-js";
import { t } from "../i18n";
import { AudienceTabs } from "../ui/tabs";

/** The screens about rewards, of the same audience. */
export function RewardTabs(): JSX.Element {
  return (
    <AudienceTabs
      label={t("rewards.title")}
      tabs={[
        { href: "/rewards", label: t("rewards.programmes") },
        { href: "/tiers", label: t("rewards.tiers") },
      ]}
    />
  );
}
