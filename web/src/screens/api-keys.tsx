import { createResource, createSignal, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { ago, day } from "../i18n/format";
import { action } from "../ui/action";
import { Confirm } from "../ui/confirm";
import { Copyable } from "../ui/copyable";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";
import { RoleChoice } from "../ui/role-choice";
import { SettingsTabs } from "./settings-tabs";
import { SigningSecret } from "./signing-secret";

type Role = Schemas["Role"];

/** Keys by which programs use the API. */
export default function ApiKeys(): JSX.Element {
  const [found, { refetch }] = createResource(() => ok(api.GET("/api-keys")));
  const [role, setRole] = createSignal<Role>("marketer");
  const [made, setMade] = createSignal<Schemas["ApiKeyMade"]>();
  const make = action(async (form: HTMLFormElement) => {
    const name = String(new FormData(form).get("name")).trim();
    setMade(await ok(api.POST("/api-keys", { body: { name, role: role() } })));
    form.reset();
    void refetch();
  });
  const remove = async (id: string): Promise<void> => {
    await ok(api.DELETE("/api-keys/{api_key}", { params: { path: { api_key: id } } }));
    if (made()?.id === id) setMade(undefined);
    void refetch();
  };
  return (
    <>
      <h1>{t("settings.title")}</h1>
      <SettingsTabs />
      <section class="card">
        <h2>{t("apiKeys.title")}</h2>
        <p class="muted">{t("apiKeys.what")}</p>
        <Show when={made()}>
          {(key) => (
            <div class="notice" role="status">
              <Copyable label={t("apiKeys.once", { name: key().name })} value={key().key} />
            </div>
          )}
        </Show>
        <Loaded of={found} retry={() => void refetch()}>
          {(shown) => (
            <Show when={shown().api_keys.length} fallback={<p>{t("apiKeys.none")}</p>}>
              <ul class="plain lines">
                <For each={shown().api_keys}>
                  {(key) => (
                    <li>
                      <div>
                        <strong>
                          <bdi class="wrap">{key.name}</bdi>
                        </strong>{" "}
                        <span class="tag">{t(`role.${key.role}`)}</span>
                        <div class="muted">
                          {t("apiKeys.ends", { digits: key.ends_in })} · {t("apiKeys.made", { day: day(key.created_at) })} ·{" "}
                          {key.last_used_at ? t("apiKeys.used", { ago: ago(key.last_used_at) }) : t("apiKeys.unused")}
                        </div>
                      </div>
                      <Confirm
                        label={t("rules.delete")}
                        title={t("apiKeys.deleteTitle", { name: key.name })}
                        what={t("apiKeys.deleteWhat")}
                        now={t("rules.delete")}
                        perform={() => remove(key.id)}
                      />
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          )}
        </Loaded>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void make.run(event.currentTarget);
          }}
        >
          <Field label={t("apiKeys.name")} hint={t("apiKeys.nameHint")} input={{ name: "name", required: true, maxlength: 100 }} />
          <RoleChoice label={t("apiKeys.role")} value={role()} onChange={setRole} />
          <Fault of={make.fault()} />
          <button type="submit" class="primary" disabled={make.busy()}>
            {t("apiKeys.makeNow")}
          </button>
        </form>
      </section>
      <SigningSecret />
    </>
  );
}
