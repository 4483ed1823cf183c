import { A } from "@solidjs/router";
import { createResource, For, Show, type JSX } from "solid-js";
import { api, ok } from "../api/client";
import { t } from "../i18n";
import { moment } from "../i18n/format";
import { may } from "../session";
import { Loaded } from "../ui/loaded";
import { Empty } from "../ui/states";
import { MailTabs } from "./mail-tabs";

/** What is written again and again, with fields to be filled in. */
export default function Templates(): JSX.Element {
  const [found, { refetch }] = createResource(() => ok(api.GET("/templates")));
  return (
    <>
      <h1>{t("mail.title")}</h1>
      <MailTabs />
      <Show when={may("marketer")}>
        <p>
          <A class="button primary" href="/templates/new">
            {t("templates.new")}
          </A>
        </p>
      </Show>
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <Show
            when={shown().templates.length}
            fallback={
              <Empty title={t("templates.none")}>
                <p>{t("templates.noneWhat")}</p>
              </Empty>
            }
          >
            <ul class="cards plain">
              <For each={shown().templates}>
                {(template) => (
                  <li class="card">
                    <h2>
                      <A href={`/templates/${template.id}`}>
                        <bdi>{template.name}</bdi>
                      </A>
                    </h2>
                    <p class="wrap">
                      <bdi>{template.subject}</bdi>
                    </p>
                    <p class="muted">
                      {t("templates.version", { version: template.version, at: moment(template.updated_at) })}
                    </p>
                  </li>
                )}
              </For>
            </ul>
          </Show>
        )}
      </Loaded>
    </>
  );
}
