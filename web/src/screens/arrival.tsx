import { A } from "@solidjs/router";
import { createResource, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { Copyable } from "../ui/copyable";
import { known } from "../ui/loaded";
import { watch } from "../ui/watch";
import { secretOf } from "./store-secret";

type Store = Schemas["Store"];

const LOOK_AGAIN = 3000;
const MOST = 1000;

/** How a shop's orders get here, and how many did so far, counted while one looks. */
export function Arrival(props: { store: Store; first?: boolean }): JSX.Element {
  return (
    <section class="card">
      <h2>{props.first ? t("store.firstOrders") : t("store.arrival")}</h2>
      <Show when={props.store.webhook_url} fallback={<p>{t("store.byApi")}</p>}>
        {(url) => (
          <>
            <p>{t(`store.how.${props.store.platform === "api" ? "generic" : props.store.platform}`)}</p>
            <Copyable label={t("store.webhookUrl")} value={url()} />
          </>
        )}
      </Show>
      <Show when={secretOf(props.store.id)}>
        {(secret) => (
          <>
            <Copyable label={t("store.secret")} value={secret()} />
            <p class="hint">{t("store.secretOnce")}</p>
          </>
        )}
      </Show>
      <Counter store={props.store} />
      <Show when={may("marketer")}>
        <p>
          <A href={`/stores/${props.store.id}/imports`}>{t("imports.lead")}</A>
        </p>
      </Show>
    </section>
  );
}

function Counter(props: { store: Store }): JSX.Element {
  const [orders, { refetch }] = createResource(
    () => (props.store.state === "connected" || props.store.state === "paused" ? props.store.id : undefined),
    async (store) => {
      const query = { period: "all", rank_by: "orders_count", limit: MOST } as const;
      const board = await ok(api.GET("/stores/{store}/leaderboard", { params: { path: { store }, query } }));
      const counted = board.rows.reduce((sum, row) => sum + row.orders_count, 0);
      return { counted, more: board.next_cursor !== null };
    },
  );
  watch(LOOK_AGAIN, () => !orders.loading && known(orders)?.more === false, () => void refetch());
  return (
    <Show when={known(orders)}>
      {(shown) => (
        <p class="counter" role="status">
          <Show when={shown().counted} fallback={t("store.waiting")}>
            {(counted) => (
              <>
                {t("store.arrived", { count: counted(), more: shown().more ? "yes" : "no" })}{" "}
                <A href={`/leaderboard?store=${props.store.id}&in=all_time`}>{t("store.board")}</A>
              </>
            )}
          </Show>
        </p>
      )}
    </Show>
  );
}
