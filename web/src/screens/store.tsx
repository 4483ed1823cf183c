import { useParams } from "@solidjs/router";
import { createResource, createSignal, For, Match, Show, Switch, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { money, moment, whole } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { Failed, Loading } from "../ui/states";
import { Arrival } from "./arrival";
import { keepSecret } from "./store-secret";

const REASONS: Schemas["SetAsideReason"][] = ["unconverted", "unidentified", "house_account", "unreadable"];

/** One shop: how its orders arrive, and what its boards leave out. */
export default function Store(): JSX.Element {
  const params = useParams<{ store: string }>();
  const path = (): { store: string } => ({ store: params.store });
  const [store, { refetch }] = createResource(path, (path) => ok(api.GET("/stores/{store}", { params: { path } })));
  return (
    <Switch>
      <Match when={store.error}>
        <Failed error={store.error} retry={() => void refetch()} />
      </Match>
      <Match when={store.latest}>
        {(shown) => (
          <>
            <h1>{shown().name}</h1>
            <p class="muted">
              {t(`platform.${shown().platform}`)} · {shown().currency} · {shown().time_zone} ·{" "}
              {t(`storeState.${shown().state}`)}
            </p>
            <Arrival store={shown()} />
            <LeftOut store={shown()} />
            <Show when={may("owner")}>
              <Changes store={shown()} onChange={() => void refetch()} />
            </Show>
          </>
        )}
      </Match>
      <Match when={store.loading}>
        <Loading />
      </Match>
    </Switch>
  );
}

function LeftOut(props: { store: Schemas["StoreDetail"] }): JSX.Element {
  const [shown, setShown] = createSignal<Schemas["SetAsideReason"]>();
  const [list] = createResource(
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
      <Show when={shown() && list.latest}>
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
      </Show>
    </section>
  );
}

function Changes(props: { store: Schemas["StoreDetail"]; onChange: () => void }): JSX.Element {
  const path = (): { store: string } => ({ store: props.store.id });
  const connected = (): boolean => props.store.state === "connected";
  const rotate = action(async () => {
    const made = await ok(api.POST("/stores/{store}/secret", { params: { path: path() } }));
    keepSecret(made.id, made.webhook_secret);
    props.onChange();
  });
  const toggle = action(async () => {
    if (connected()) await ok(api.DELETE("/stores/{store}", { params: { path: path() } }));
    else await ok(api.PATCH("/stores/{store}", { params: { path: path() }, body: { state: "connected" } }));
    props.onChange();
  });
  return (
    <section class="card">
      <h2>{t("store.changes")}</h2>
      <div class="row">
        <Show when={props.store.webhook_url}>
          <button type="button" disabled={rotate.busy()} onClick={() => void rotate.run()}>
            {t("store.rotate")}
          </button>
        </Show>
        <button type="button" disabled={toggle.busy()} onClick={() => void toggle.run()}>
          {connected() ? t("store.disconnect") : t("store.reconnect")}
        </button>
      </div>
      <p class="hint">{t("store.changesHint")}</p>
      <p role="alert" class="fault">
        {rotate.fault() ?? toggle.fault()}
      </p>
    </section>
  );
}
