import { A, useParams } from "@solidjs/router";
import { createResource, createSignal, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { money, moment, whole } from "../i18n/format";
import { may } from "../session";
import { Loaded } from "../ui/loaded";
import { Rebuilding } from "../ui/rebuilding";
import { watch } from "../ui/watch";
import { Arrival } from "./arrival";
import { Reconciliation } from "./reconciliation";
import { ShopAccess } from "./shop-access";
import { Changes, Counting } from "./store-changes";
import { PrivacyRequests } from "./store-requests";
import { StoreRates } from "./store-rates";

const REASONS: Schemas["SetAsideReason"][] = ["unconverted", "unidentified", "house_account", "unreadable"];
const LOOK_AGAIN = 3000;

/** Only these have an API that is known here. */
const readable = (store: Schemas["Store"]): boolean =>
  store.state !== "erased" && (store.platform === "shopify" || store.platform === "woocommerce");

/** One shop: how its orders arrive, and what its boards leave out. */
export default function Store(): JSX.Element {
  const params = useParams<{ store: string }>();
  const path = (): { store: string } => ({ store: params.store });
  const [store, { refetch }] = createResource(path, (path) => ok(api.GET("/stores/{store}", { params: { path } })));
  const [asked, setAsked] = createSignal(0);
  watch(LOOK_AGAIN, () => store.state === "ready" && store().rebuilding, () => void refetch());
  return (
    <Loaded of={store} retry={() => void refetch()}>
      {(shown) => (
        <>
          <p class="trail">
            <A href="/stores">{t("stores.title")}</A>
          </p>
          <h1>
            <bdi>{shown().name}</bdi>
          </h1>
          <p class="muted">
            {t(`platform.${shown().platform}`)} · {shown().currency} · {shown().time_zone} ·{" "}
            {t(`storeState.${shown().state}`)}
          </p>
          <Rebuilding of={shown()} />
          <Arrival store={shown()} />
          <LeftOut store={shown()} />
          <Show when={shown().state !== "erased"}>
            <Reconciliation store={shown()} asked={asked()} />
          </Show>
          <Show when={may("owner") && readable(shown())}>
            <ShopAccess
              store={shown()}
              onChange={() => {
                setAsked(asked() + 1);
                void refetch();
              }}
            />
          </Show>
          <StoreRates store={shown()} editable={may("owner")} onChange={() => void refetch()} />
          <Show when={may("owner")}>
            <PrivacyRequests store={shown()} />
            <Counting store={shown()} onChange={() => void refetch()} />
            <Changes store={shown()} onChange={() => void refetch()} />
          </Show>
        </>
      )}
    </Loaded>
  );
}

function LeftOut(props: { store: Schemas["StoreDetail"] }): JSX.Element {
  const [shown, setShown] = createSignal<Schemas["SetAsideReason"]>();
  const [list, { refetch }] = createResource(
    () => (shown() ? { path: { store: props.store.id }, query: { reason: shown()!, limit: 100 } } : undefined),
    (params) => ok(api.GET("/stores/{store}/set-aside", { params })),
  );
  return (
    <section class="card">
      <h2>{t("store.leftOut")}</h2>
      <p class="muted">{t("store.leftOutWhat")}</p>
      <ul class="plain">
        <For each={REASONS}>
          {(reason) => {
            const counted = (): Schemas["Counted"] => props.store.set_aside[reason];
            return (
              <li>
                <button
                  type="button"
                  class="quiet"
                  disabled={!counted().count}
                  aria-expanded={shown() === reason}
                  onClick={() => setShown(shown() === reason ? undefined : reason)}
                >
                  {t(`setAside.${reason}`, { count: counted().count, more: counted().more ? "yes" : "no" })}
                </button>
              </li>
            );
          }}
        </For>
      </ul>
      <Show when={shown()}>
        <Loaded of={list} retry={() => void refetch()}>
          {(found) => (
            <ul class="timeline">
              <For each={found().entries}>
                {(entry) => (
                  <li>
                    <time>{entry.placed_at ?? entry.received_at ? moment((entry.placed_at ?? entry.received_at)!) : ""}</time>
                    <span>
                      {entry.topic ?? t("setAside.entry", { id: entry.id })}
                      <Show when={entry.total !== null && entry.currency}>
                        {" "}
                        {money(entry.total!, entry.currency!)}
                      </Show>
                      <Show when={entry.orders_limit}>{(limit) => <> {t("setAside.limit", { limit: whole(limit()) })}</>}</Show>
                      <For each={entry.faults ?? []}>{(fault) => <span class="muted"> {`${fault.pointer} ${fault.detail}`}</span>}</For>
                    </span>
                  </li>
                )}
              </For>
            </ul>
          )}
        </Loaded>
      </Show>
    </section>
  );
}
