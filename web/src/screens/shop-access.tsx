import { createResource, createSignal, Match, Show, Switch, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { day, moment } from "../i18n/format";
import { action } from "../ui/action";
import { Confirm } from "../ui/confirm";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Failed, Loading } from "../ui/states";

type Store = Schemas["StoreDetail"];

/** What lets Laurel read a shop's orders, so that it finds what webhooks lost. Asked for when it is opened. */
export function ShopAccess(props: { store: Store; onChange: () => void }): JSX.Element {
  const params = (): { path: { store: string } } => ({ path: { store: props.store.id } });
  const [asked, setAsked] = createSignal(false);
  const [access, { mutate, refetch }] = createResource(
    () => asked() && props.store.shop_access !== "none" && props.store.id,
    (store) => ok(api.GET("/stores/{store}/shop-credentials", { params: { path: { store } } })),
  );
  const changed = (now?: Schemas["ShopAccess"]): void => {
    mutate(now);
    props.onChange();
  };
  return (
    <details class="card" onToggle={(event) => event.currentTarget.open && setAsked(true)}>
      <summary>{t("access.title")}</summary>
      <p class="muted">{t(`access.what.${props.store.platform === "shopify" ? "shopify" : "woocommerce"}`)}</p>
      <Switch>
        <Match when={access.state === "errored"}>
          <Failed error={access.error} retry={() => void refetch()} />
        </Match>
        <Match when={access.loading && !access.latest}>
          <Loading />
        </Match>
        <Match when={asked()}>
          <Show when={access.latest}>
            {(shown) => (
              <div class="notice">
                <p>
                  <strong>
                    <bdi class="wrap">{shown().address}</bdi>
                  </strong>
                </p>
                <p class="muted">
                  {t("apiKeys.ends", { digits: shown().ends_in })} · {t("users.since", { day: day(shown().since) })}
                </p>
                <p class={shown().works ? "" : "fault"}>
                  {shown().works
                    ? t("access.works", { at: shown().worked_at ? moment(shown().worked_at!) : "—" })
                    : t("access.refused", { at: shown().refused_at ? moment(shown().refused_at!) : "—" })}
                </p>
                <Confirm
                  label={t("access.giveUp")}
                  title={t("access.giveUpTitle")}
                  what={t("access.giveUpWhat")}
                  now={t("access.giveUp")}
                  perform={async () => {
                    await ok(api.DELETE("/stores/{store}/shop-credentials", { params: params() }));
                    changed();
                  }}
                />
              </div>
            )}
          </Show>
          <Credentials store={props.store} again={Boolean(access.latest)} onKept={changed} />
        </Match>
      </Switch>
    </details>
  );
}

function Credentials(props: { store: Store; again: boolean; onKept: (now: Schemas["ShopAccess"]) => void }): JSX.Element {
  const keep = action(async (form: HTMLFormElement) => {
    const text = (name: string): string => String(new FormData(form).get(name) ?? "").trim();
    const body: Schemas["ShopCredentialsIn"] =
      props.store.platform === "shopify"
        ? { shop_domain: text("shop_domain"), access_token: text("access_token") }
        : { url: text("url"), consumer_key: text("consumer_key"), consumer_secret: text("consumer_secret") };
    const params = { path: { store: props.store.id } };
    props.onKept(await ok(api.PUT("/stores/{store}/shop-credentials", { params, body })));
    form.reset();
  });
  const secret = { required: true, minlength: 8, maxlength: 255, autocomplete: "off", spellcheck: false } as const;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void keep.run(event.currentTarget);
      }}
    >
      <Show
        when={props.store.platform === "shopify"}
        fallback={
          <>
            <Field label={t("access.url")} input={{ name: "url", type: "url", required: true, maxlength: 500, placeholder: "https://shop.example.com" }} />
            <Field label={t("access.key")} input={{ name: "consumer_key", ...secret }} />
            <Field label={t("access.secret")} input={{ name: "consumer_secret", type: "password", ...secret }} />
          </>
        }
      >
        <Field
          label={t("stores.shopDomain")}
          input={{ name: "shop_domain", required: true, maxlength: 500, value: props.store.shop_domain ?? "", placeholder: "example.myshopify.com" }}
        />
        <Field label={t("access.token")} input={{ name: "access_token", type: "password", ...secret }} />
      </Show>
      <p class="hint">{t("access.tried")}</p>
      <Fault of={keep.fault()} />
      <button type="submit" class="primary" disabled={keep.busy()}>
        {props.again ? t("access.replace") : t("access.keep")}
      </button>
    </form>
  );
}
