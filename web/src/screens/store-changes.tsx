import { useNavigate } from "@solidjs/router";
import { createSignal, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { weekday } from "../i18n/format";
import { action } from "../ui/action";
import { Confirm } from "../ui/confirm";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Select } from "../ui/select";
import { keepSecret } from "./store-secret";

type Store = Schemas["StoreDetail"];
type Weekday = Store["first_day_of_week"];

const WEEKDAYS: Weekday[] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** How a store's orders are counted, for owners to change. */
export function Counting(props: { store: Store; onChange: () => void }): JSX.Element {
  const [firstDay, setFirstDay] = createSignal(props.store.first_day_of_week);
  const path = (): { store: string } => ({ store: props.store.id });
  const keep = action(async (form: FormData) => {
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const body: Schemas["StoreChange"] = {
      name: text("name"),
      time_zone: text("time_zone"),
      first_day_of_week: firstDay(),
      minimum_purchases: Number(text("minimum_purchases")),
      house_account_orders: Number(text("house_account_orders")),
    };
    await ok(api.PATCH("/stores/{store}", { params: { path: path() }, body }));
    props.onChange();
  });
  return (
    <details class="card">
      <summary>{t("store.counting")}</summary>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void keep.run(new FormData(event.currentTarget));
        }}
      >
        <Field label={t("stores.name")} input={{ name: "name", required: true, maxlength: 100, value: props.store.name }} />
        <Field
          label={t("stores.timeZone")}
          input={{ name: "time_zone", required: true, maxlength: 100, value: props.store.time_zone, list: "store-zones" }}
        />
        <datalist id="store-zones">
          <For each={Intl.supportedValuesOf("timeZone")}>{(zone) => <option value={zone} />}</For>
        </datalist>
        <Select
          label={t("store.firstDay")}
          value={firstDay()}
          options={WEEKDAYS.map((value, place) => ({ value, label: weekday(place) }))}
          onChange={setFirstDay}
        />
        <Field
          label={t("store.minimum")}
          hint={t("store.minimumHint")}
          input={{ name: "minimum_purchases", type: "number", min: 1, max: 1000, required: true, value: props.store.minimum_purchases }}
        />
        <Field
          label={t("store.house")}
          hint={t("store.houseHint")}
          input={{ name: "house_account_orders", type: "number", min: 1, max: 100_000, required: true, value: props.store.house_account_orders }}
        />
        <p class="hint">{t("store.countingHint")}</p>
        <Fault of={keep.fault()} />
        <button type="submit" class="primary" disabled={keep.busy()}>
          {t("rules.save")}
        </button>
      </form>
    </details>
  );
}

/** What an owner may do to a store: pause, disconnect or delete it, replace its secret, have its boards computed again. */
export function Changes(props: { store: Store; onChange: () => void }): JSX.Element {
  const navigate = useNavigate();
  const params = (): { path: { store: string } } => ({ path: { store: props.store.id } });
  const is = (state: Schemas["StoreState"]): boolean => props.store.state === state;
  const change = action(async (perform: () => Promise<unknown>) => {
    await perform();
    props.onChange();
  });
  const state = (state: "connected" | "paused"): Promise<unknown> =>
    ok(api.PATCH("/stores/{store}", { params: params(), body: { state } }));
  return (
    <section class="card">
      <h2>{t("store.changes")}</h2>
      <div class="row">
        <Show when={is("connected")}>
          <button type="button" disabled={change.busy()} onClick={() => void change.run(() => state("paused"))}>
            {t("store.pause")}
          </button>
        </Show>
        <Show when={is("paused") || is("disconnected")}>
          <button type="button" class="primary" disabled={change.busy()} onClick={() => void change.run(() => state("connected"))}>
            {is("paused") ? t("store.resume") : t("store.reconnect")}
          </button>
        </Show>
        <Show when={!is("disconnected") && !is("erased")}>
          <button
            type="button"
            disabled={change.busy() || props.store.rebuilding}
            onClick={() => void change.run(() => ok(api.POST("/stores/{store}/rebuild", { params: params() })))}
          >
            {t("store.rebuild")}
          </button>
          <Show when={props.store.webhook_url}>
            <Secret store={props.store} onChange={props.onChange} />
          </Show>
          <Confirm
            label={t("store.disconnect")}
            title={t("store.disconnectTitle", { name: props.store.name })}
            what={t("store.disconnectWhat")}
            now={t("store.disconnect")}
            perform={async () => {
              await ok(api.DELETE("/stores/{store}", { params: params() }));
              props.onChange();
            }}
          />
        </Show>
        <Show when={is("disconnected")}>
          <Confirm
            label={t("store.erase")}
            title={t("store.eraseTitle", { name: props.store.name })}
            what={t("store.eraseWhat")}
            word={props.store.name}
            now={t("privacy.eraseNow")}
            perform={async () => {
              await ok(api.POST("/stores/{store}/erasure", { params: params() }));
              navigate("/erasures");
            }}
          />
        </Show>
      </div>
      <Fault of={change.fault()} />
    </section>
  );
}

/** Replaces the secret that webhooks are signed with: Shopify's is given, others are made. */
function Secret(props: { store: Store; onChange: () => void }): JSX.Element {
  const [given, setGiven] = createSignal("");
  const [open, setOpen] = createSignal(false);
  const rotate = action(async () => {
    const params = { path: { store: props.store.id } };
    const body = given() ? { secret: given() } : {};
    const made = await ok(api.POST("/stores/{store}/secret", { params, body }));
    keepSecret(made.id, made.webhook_secret);
    setOpen(false);
    props.onChange();
  });
  return (
    <>
      <button type="button" aria-expanded={open()} onClick={() => setOpen(!open())}>
        {t("store.rotate")}
      </button>
      <Show when={open()}>
        <form
          class="notice whole"
          onSubmit={(event) => {
            event.preventDefault();
            void rotate.run();
          }}
        >
          <p>{t("store.rotateWhat")}</p>
          <Show when={props.store.platform === "shopify"}>
            <Field
              label={t("stores.secret")}
              input={{ required: true, minlength: 16, maxlength: 200, autocomplete: "off", onInput: (it) => setGiven(it.currentTarget.value.trim()) }}
            />
          </Show>
          <Fault of={rotate.fault()} />
          <button type="submit" disabled={rotate.busy()}>
            {t("store.rotate")}
          </button>
        </form>
      </Show>
    </>
  );
}
