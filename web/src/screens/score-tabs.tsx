import { useSearchParams } from "@solidjs/router";
import type { JSX } from "solid-js";
import { t } from "../i18n";
import { Tabs } from "../ui/tabs";

/** The screens about scores, all of the same audience. */
export function ScoreTabs(): JSX.Element {
  const [search] = useSearchParams<Record<"audience", string>>();
  const of = (path: string): string => (search.audience ? `${path}?audience=${search.audience}` : path);
  return (
    <Tabs
      label={t("scores.title")}
      tabs={[
        { href: of("/scores"), label: t("scores.title") },
        { href: of("/rules"), label: t("rules.title") },
        { href: of("/back-test"), label: t("backTest.title") },
      ]}
    />
  );
}
