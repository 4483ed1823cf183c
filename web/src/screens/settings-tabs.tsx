import { Show, type JSX } from "solid-js";
import { t } from "../i18n";
import { may } from "../session";
import { Tabs } from "../ui/tabs";

/** The screens about the account; only owners have more than one. */
export function SettingsTabs(): JSX.Element {
  return (
    <Show when={may("owner")}>
      <Tabs
        label={t("settings.title")}
        tabs={[
          { href: "/settings", label: t("settings.account") },
          { href: "/users", label: t("users.title") },
          { href: "/api-keys", label: t("apiKeys.title") },
          { href: "/erasures", label: t("erasures.title") },
        ]}
      />
    </Show>
  );
}
