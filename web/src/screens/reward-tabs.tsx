import { useSearchParams } from "@solidjs/router";
import type { JSX } from "solid-js";
import { t } from "../i18n";
import { Tabs } from "../ui/tabs";

/** The screens about rewards, of the same audience. */
export function RewardTabs(): JSX.Element {
  const [search] = useSearchParams<Record<"audience", string>>();
  const of = (path: string): string => (search.audience ? `${path}?audience=${search.audience}` : path);
  return (
    <Tabs
      label={t("rewards.title")}
      tabs={[
        { href: of("/rewards"), label: t("rewards.programmes") },
        { href: of("/tiers"), label: t("rewards.tiers") },
      ]}
    />
  );
}
