import { A, useNavigate } from "@solidjs/router";
import { createResource, createSignal, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";
import { Select } from "../ui/select";
import { Empty } from "../ui/states";
import { keepSecret } from "./store-secret";

type Platform = Schemas["Platform"];
type Weekday = Schemas["StoreNew"]["first_day_of_week"];

const PLATFORMS: Platform[] = ["shopify", "woocommerce", "generic", "api"];

/** The connected shops, and how to connect another. */
export default function Stores(): JSX.Element {
  const [stores, { refetch }] = createResource(() => ok(api.GET("/stores")));
  return (
    <>
      <h1>{t("stores.title")}</h1>
      <Loaded of={stores} retry={() => void refetch()}>
        {(shown) => (
          <>
            <Show
              when={shown().stores.length}
              fallback={
                <Empty title={t("leaderboard.noStore")}>
                  <p>{t("leaderboard.noStoreWhat")}</p>
                </Empty>
              }
            >
              <ul class="cards plain">
                <For each={shown().stores}>
                  {(store) => (
                    <li class="card">
                      <h2>
                        <A href={`/stores/${store.id}`}>{store.name}</A>
                      </h2>
                      <p class="muted">
                        {t(`platform.${store.platform}`)} · {store.currency} · {store.time_zone}
                      </p>
                      <p>{t(`storeState.${store.state}`)}</p>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
            <Show when={may("owner")}>
              <Connect first={!shown().stores.length} />
            </Show>
          </>
        )}
      </Loaded>
    </>
  );
}

function Connect(props: { first: boolean }): JSX.Element {
  const navigate = useNavigate();
  const [platform, setPlatform] = createSignal<Platform>("shopify");
  const [audiences] = createResource(() => ok(api.GET("/audiences")));
  const [audience, setAudience] = createSignal<string>();
  const connect = action(async (form: FormData) => {
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const store = await ok(
      api.POST("/stores", {
        params: { header: { "Idempotency-Key": crypto.randomUUID() } },
        body: {
          platform: platform(),
          name: text("name"),
          currency: text("currency").toUpperCase(),
          time_zone: text("time_zone"),
          first_day_of_week: firstDayOfWeek(),
          minimum_purchases: 1,
          house_account_orders: 20_000,
          audience_id: audience() ?? audiences()?.audiences[0]?.id ?? null,
          shop_domain: text("shop_domain") || null,
          secret: text("secret") || null,
        },
      }),
    );
    keepSecret(store.id, store.webhook_secret);
    navigate(`/stores/${store.id}`);
  });
  return (
    <details class="card" open={props.first}>
      <summary>{t("stores.connect")}</summary>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void connect.run(new FormData(event.currentTarget));
        }}
      >
        <Select
          label={t("stores.platform")}
          value={platform()}
          options={PLATFORMS.map((value) => ({ value, label: t(`platform.${value}`) }))}
          onChange={setPlatform}
        />
        <Field label={t("stores.name")} input={{ name: "name", required: true, maxlength: 100 }} />
        <Field
          label={t("stores.currency")}
          hint={t("stores.currencyHint")}
          input={{ name: "currency", required: true, pattern: "[A-Za-z]{3}", maxlength: 3, autocapitalize: "characters" }}
        />
        <Field
          label={t("stores.timeZone")}
          input={{ name: "time_zone", required: true, value: ownTimeZone(), list: "time-zones" }}
        />
        <datalist id="time-zones">
          <For each={Intl.supportedValuesOf("timeZone")}>{(zone) => <option value={zone} />}</For>
        </datalist>
        <Show when={(audiences()?.audiences.length ?? 0) > 1}>
          <Select
            label={t("leaderboard.audience")}
            value={audience() ?? audiences()!.audiences[0]!.id}
            options={audiences()!.audiences.map((it) => ({ value: it.id, label: it.name }))}
            onChange={setAudience}
          />
        </Show>
        <Show when={platform() === "shopify"}>
          <Field
            label={t("stores.shopDomain")}
            input={{ name: "shop_domain", placeholder: "example.myshopify.com", maxlength: 253 }}
          />
          <Field
            label={t("stores.secret")}
            hint={t("stores.secretHint")}
            input={{ name: "secret", minlength: 16, maxlength: 200, autocomplete: "off" }}
          />
        </Show>
        <Fault of={connect.fault()} />
        <button type="submit" class="primary" disabled={connect.busy()}>
          {t("stores.connectNow")}
        </button>
      </form>
    </details>
  );
}

const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** As the browser's region has it; Monday where the browser does not say. */
function firstDayOfWeek(): Weekday {
  const days: Weekday[] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
  const locale = new Intl.Locale(navigator.language) as Intl.Locale & {
    getWeekInfo?: () => { firstDay: number };
  };
  return days[(locale.getWeekInfo?.().firstDay ?? 1) - 1] ?? "monday";
}
