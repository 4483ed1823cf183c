import { createResource, createSignal, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { LANGUAGES, t, type Language } from "../i18n";
import { whole } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { Copyable } from "../ui/copyable";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";
import { Select } from "../ui/select";
import { OwnSignIn } from "./own-sign-in";
import { Audiences } from "./audiences";
import { SettingsTabs } from "./settings-tabs";

type Account = Schemas["Account"];

/** The account: its plan, what its mail says of it, and the senders it writes from. */
export default function Settings(): JSX.Element {
  const [account, { refetch, mutate }] = createResource(() => ok(api.GET("/account")));
  return (
    <>
      <h1>{t("settings.title")}</h1>
      <SettingsTabs />
      <Loaded of={account} retry={() => void refetch()}>
        {(shown) => (
          <>
            <Plan account={shown()} />
            <Company account={shown()} onChange={mutate} />
            <Senders />
            <Audiences />
            <OwnSignIn />
          </>
        )}
      </Loaded>
    </>
  );
}

function Plan(props: { account: Account }): JSX.Element {
  return (
    <section class="card">
      <h2>{t("settings.plan")}</h2>
      <dl class="facts">
        <div>
          <dt>{t("settings.plan")}</dt>
          <dd>{t(`plan.${props.account.plan}`)}</dd>
        </div>
        <div>
          <dt>{t("settings.monthly")}</dt>
          <dd>{whole(props.account.monthly_messages)}</dd>
        </div>
        <div>
          <dt>{t("settings.daily")}</dt>
          <dd>{whole(props.account.daily_ceiling)}</dd>
        </div>
      </dl>
    </section>
  );
}

function Company(props: { account: Account; onChange: (account: Account) => void }): JSX.Element {
  const [saved, setSaved] = createSignal(false);
  const [locale, setLocale] = createSignal(props.account.locale as Language);
  const save = action(async (form: FormData) => {
    const text = (name: string): string | null => String(form.get(name) ?? "").trim() || null;
    const [start, end] = [text("quiet_start"), text("quiet_end")];
    const body: Schemas["AccountChange"] = {
      name: text("name"),
      locale: locale(),
      sender_name: text("sender_name"),
      sender_address: text("sender_address"),
      postal_address: text("postal_address"),
      quiet_hours: start && end ? { start, end, time_zone: text("time_zone") ?? zone() } : null,
      daily_messages: text("daily_messages") ? Number(text("daily_messages")) : null,
    };
    props.onChange(await ok(api.PATCH("/account", { body })));
    setSaved(true);
  });
  const zone = (): string => props.account.quiet_hours?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const disabled = !may("owner");
  return (
    <section class="card">
      <h2>{t("settings.company")}</h2>
      <form
        class="stack"
        onInput={() => setSaved(false)}
        onSubmit={(event) => {
          event.preventDefault();
          void save.run(new FormData(event.currentTarget));
        }}
      >
        <Field label={t("settings.name")} input={{ name: "name", required: true, maxlength: 100, value: props.account.name, disabled }} />
        <Select
          label={t("settings.locale")}
          value={locale()}
          options={Object.entries(LANGUAGES).map(([value, label]) => ({ value: value as Language, label }))}
          onChange={setLocale}
        />
        <Field
          label={t("settings.senderName")}
          hint={t("settings.senderNameHint")}
          input={{ name: "sender_name", maxlength: 100, value: props.account.sender_name ?? "", disabled }}
        />
        <Field
          label={t("settings.senderAddress")}
          hint={t("settings.senderAddressHint")}
          input={{ name: "sender_address", type: "email", maxlength: 254, value: props.account.sender_address ?? "", disabled }}
        />
        <div class="field">
          <label for="postal">{t("settings.postal")}</label>
          <textarea id="postal" name="postal_address" rows="4" maxlength="500" disabled={disabled} aria-describedby="postal-hint">
            {props.account.postal_address ?? ""}
          </textarea>
          <p class="hint" id="postal-hint">
            {t("settings.postalHint")}
          </p>
        </div>
        <fieldset>
          <legend>{t("settings.quiet")}</legend>
          <div class="row">
            <Field
              label={t("settings.quietStart")}
              input={{ name: "quiet_start", type: "time", value: props.account.quiet_hours?.start ?? "", disabled }}
            />
            <Field
              label={t("settings.quietEnd")}
              input={{ name: "quiet_end", type: "time", value: props.account.quiet_hours?.end ?? "", disabled }}
            />
            <Field label={t("stores.timeZone")} input={{ name: "time_zone", value: zone(), disabled }} />
          </div>
          <p class="hint">{t("settings.quietHint")}</p>
        </fieldset>
        <Field
          label={t("settings.ceiling")}
          hint={t("settings.ceilingHint")}
          input={{ name: "daily_messages", type: "number", min: 1, max: 500_000, value: props.account.daily_messages ?? "", disabled }}
        />
        <Show when={!disabled} fallback={<p class="hint">{t("settings.ownersOnly")}</p>}>
          <Fault of={save.fault()} />
          <button type="submit" class="primary" disabled={save.busy()}>
            {saved() ? t("settings.saved") : t("rules.save")}
          </button>
        </Show>
      </form>
    </section>
  );
}

function Senders(): JSX.Element {
  const [senders, { refetch }] = createResource(() => ok(api.GET("/senders")));
  const [open, setOpen] = createSignal<string>();
  const add = action(async (identity: string) => {
    const made = await ok(
      api.POST("/senders", { body: identity.includes("@") ? { email: identity } : { domain: identity } }),
    );
    setOpen(made.id);
    void refetch();
  });
  return (
    <section class="card">
      <h2>{t("senders.title")}</h2>
      <Loaded of={senders} retry={() => void refetch()}>
        {(shown) => (
          <>
            <Show when={shown().sandbox}>
              <p class="fault">{t("senders.sandbox")}</p>
            </Show>
            <ul class="plain">
              <For each={shown().senders}>
                {(sender) => (
                  <li>
                    <button
                      type="button"
                      class="quiet"
                      aria-expanded={open() === sender.id}
                      onClick={() => setOpen(open() === sender.id ? undefined : sender.id)}
                    >
                      {sender.identity} <span class="tag">{t(`senderState.${sender.state}`)}</span>
                    </button>
                    <Show when={open() === sender.id}>
                      <Records id={sender.id} />
                    </Show>
                  </li>
                )}
              </For>
            </ul>
          </>
        )}
      </Loaded>
      <Show when={may("owner")}>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            const form = event.currentTarget;
            void add.run(String(new FormData(form).get("identity")).trim()).then((done) => done && form.reset());
          }}
        >
          <Field label={t("senders.add")} hint={t("senders.addHint")} input={{ name: "identity", required: true, maxlength: 254 }} />
          <Fault of={add.fault()} />
          <button type="submit" disabled={add.busy()}>
            {t("senders.addNow")}
          </button>
        </form>
      </Show>
    </section>
  );
}

function Records(props: { id: string }): JSX.Element {
  const [sender, { refetch }] = createResource(
    () => ({ sender: props.id }),
    (path) => ok(api.GET("/senders/{sender}", { params: { path } })),
  );
  return (
    <Loaded of={sender} retry={() => void refetch()}>
      {(shown) => (
        <div class="records">
          <p>{t(`senderNext.${shown().state}`, { kind: shown().kind })}</p>
          <For each={shown().state === "verified" ? [] : shown().records}>
            {(record) => (
              <>
                <Copyable label={`${record.type}, ${t("senders.recordName")}`} value={record.name} />
                <Copyable label={t("senders.recordValue")} value={record.value} />
              </>
            )}
          </For>
          <button type="button" onClick={() => void refetch()}>
            {t("senders.check")}
          </button>
        </div>
      )}
    </Loaded>
  );
}
