import { createResource, createSignal, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { LANGUAGES, language, t, type Language } from "../i18n";
import { day } from "../i18n/format";
import { action } from "../ui/action";
import { Confirm } from "../ui/confirm";
import { Dialog } from "../ui/dialog";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";
import { RoleChoice } from "../ui/role-choice";
import { Select } from "../ui/select";
import { SettingsTabs } from "./settings-tabs";

type User = Schemas["User"];
type Role = Schemas["Role"];

/** Who may sign in to the account, and as what. */
export default function Users(): JSX.Element {
  const [found, { refetch }] = createResource(() => ok(api.GET("/users")));
  const [changed, setChanged] = createSignal<User>();
  const remove = async (id: string): Promise<void> => {
    await ok(api.DELETE("/users/{user}", { params: { path: { user: id } } }));
    void refetch();
  };
  return (
    <>
      <h1>{t("settings.title")}</h1>
      <SettingsTabs />
      <section class="card">
        <h2>{t("users.title")}</h2>
        <p class="muted">{t("users.what")}</p>
        <Loaded of={found} retry={() => void refetch()}>
          {(shown) => (
            <ul class="plain lines">
              <For each={shown().users}>
                {(user) => (
                  <li>
                    <div>
                      <Name of={user} />
                      <div class="muted">
                        {t(`userState.${user.status}`)} · {t("users.since", { day: day(user.created_at) })}
                      </div>
                    </div>
                    <Show when={!user.you} fallback={<p class="hint own">{t("users.own")}</p>}>
                      <div class="row">
                        <Show when={user.status !== "disabled"}>
                          <button
                            type="button"
                            aria-label={t("users.changeOf", { name: user.name || user.email })}
                            onClick={() => setChanged(user)}
                          >
                            {t("users.change")}
                          </button>
                        </Show>
                        <Confirm
                          label={t("users.remove")}
                          title={t("users.removeTitle", { name: user.name || user.email })}
                          what={t("users.removeWhat")}
                          now={t("users.remove")}
                          perform={() => remove(user.id)}
                        />
                      </div>
                    </Show>
                  </li>
                )}
              </For>
            </ul>
          )}
        </Loaded>
      </section>
      <Invite onInvited={() => void refetch()} />
      <Dialog open={changed() !== undefined} title={t("users.changeTitle")} onClose={() => setChanged(undefined)}>
        <Show when={changed()} keyed>
          {(user) => (
            <Change
              user={user}
              onDone={() => {
                setChanged(undefined);
                void refetch();
              }}
            />
          )}
        </Show>
      </Dialog>
    </>
  );
}

/** The user's name, or else address, and what marks them. */
function Name(props: { of: User }): JSX.Element {
  return (
    <>
      <strong>
        <bdi class="wrap">{props.of.name || props.of.email}</bdi>
      </strong>{" "}
      <span class="tag">{t(`role.${props.of.role}`)}</span>{" "}
      <Show when={props.of.you}>
        <span class="tag">{t("users.you")}</span>
      </Show>
      <Show when={props.of.name}>
        <div class="wrap">{props.of.email}</div>
      </Show>
    </>
  );
}

function Change(props: { user: User; onDone: () => void }): JSX.Element {
  const [role, setRole] = createSignal(props.user.role);
  const save = action(async () => {
    const params = { path: { user: props.user.id } };
    await ok(api.PATCH("/users/{user}", { params, body: { role: role() } }));
    props.onDone();
  });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save.run();
      }}
    >
      <p>
        <bdi class="wrap">{props.user.name || props.user.email}</bdi>
      </p>
      <RoleChoice label={t("users.role")} value={role()} onChange={setRole} />
      <p class="hint">{t("users.changeWhat")}</p>
      <Fault of={save.fault()} />
      <button type="submit" class="primary" disabled={save.busy()}>
        {t("rules.save")}
      </button>
    </form>
  );
}

function Invite(props: { onInvited: () => void }): JSX.Element {
  const [role, setRole] = createSignal<Role>("marketer");
  const [locale, setLocale] = createSignal<Language>(language());
  const [invited, setInvited] = createSignal<string>();
  const invite = action(async (form: HTMLFormElement) => {
    const text = (name: string): string => String(new FormData(form).get(name) ?? "").trim();
    setInvited(undefined);
    const body = { email: text("email"), name: text("name") || null, role: role(), locale: locale() };
    setInvited((await ok(api.POST("/users", { body }))).email);
    form.reset();
    props.onInvited();
  });
  return (
    <section class="card">
      <h2>{t("users.invite")}</h2>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void invite.run(event.currentTarget);
        }}
      >
        <Field
          label={t("signIn.email")}
          hint={t("users.emailHint")}
          input={{ name: "email", type: "email", required: true, maxlength: 254, autocomplete: "off" }}
        />
        <Field label={t("users.name")} input={{ name: "name", maxlength: 100, autocomplete: "off" }} />
        <RoleChoice label={t("users.role")} value={role()} onChange={setRole} />
        <Select
          label={t("app.language")}
          value={locale()}
          options={Object.entries(LANGUAGES).map(([value, label]) => ({ value: value as Language, label }))}
          onChange={setLocale}
        />
        <Fault of={invite.fault()} />
        <p role="status">{invited() ? t("users.invited", { email: invited()! }) : ""}</p>
        <button type="submit" class="primary" disabled={invite.busy()}>
          {t("users.inviteNow")}
        </button>
      </form>
    </section>
  );
}
