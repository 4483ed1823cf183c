import { A, useSearchParams } from "@solidjs/router";
import { createMemo, createResource, createSignal, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { day, money } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { WithAudience } from "../ui/audience";
import { Fault } from "../ui/fault";
import { known, Loaded } from "../ui/loaded";
import { Pager } from "../ui/pager";
import { turns } from "../ui/pages";
import { Select } from "../ui/select";
import { Empty } from "../ui/states";
import { Snooze } from "./alert-snooze";
import { AlertTabs } from "./alert-tabs";
import { reasonOf } from "./alert-words";
import { Compose } from "./compose";
import { nameOf, Person } from "./person";

type Alert = Schemas["Alert"];
type State = Schemas["AlertState"];
type Change = Schemas["AlertChange"];

const STATES: State[] = ["open", "snoozed", "resolved"];
const PAGE = 25;

/** A page of alerts, and the stores to name, which are read once. */
type Found = Schemas["Alerts"] & Schemas["Stores"];

/** Customers who seem to slip away, most valuable first. */
export default function Alerts(): JSX.Element {
  return (
    <>
      <h1>{t("alerts.title")}</h1>
      <AlertTabs />
      <WithAudience>{(audience) => <AlertsOf audience={audience().id} />}</WithAudience>
    </>
  );
}

function AlertsOf(props: { audience: string }): JSX.Element {
  const [search, setSearch] = useSearchParams<Record<"state" | "page", string>>();
  const state = createMemo((): State => STATES.find((it) => it === search.state) ?? "open");
  const [found, { refetch }] = createResource(
    () => ({ audience: props.audience, query: { state: state(), limit: PAGE, ...(search.page ? { cursor: search.page } : {}) } }),
    async ({ audience, query }, { value }: { value: Found | undefined }) => {
      const [page, { stores }] = await Promise.all([
        ok(api.GET("/audiences/{audience}/alerts", { params: { path: { audience }, query } })),
        value ?? ok(api.GET("/stores")),
      ]);
      return { ...page, stores };
    },
  );
  const pages = turns(() => search.page, (page) => setSearch({ page }));
  const [changed, setChanged] = createSignal<Alert>();
  const [written, setWritten] = createSignal<Alert>();
  const [snoozed, setSnoozed] = createSignal<Alert>();
  const change = action(async (alert: Alert, body: Change) => {
    const path = { audience: props.audience, alert: alert.id };
    const now = await ok(api.PATCH("/audiences/{audience}/alerts/{alert}", { params: { path }, body }));
    setChanged(body.state === "open" ? undefined : now);
    void refetch();
  });
  const nameOfStore = (alert: Alert): string | undefined =>
    alert.kind === "score_falling" ? undefined : known(found)?.stores.find((it) => it.id === alert.store_id)?.name;
  return (
    <>
      <div class="choices narrow-choice">
        <Select
          label={t("alerts.show")}
          value={state()}
          options={STATES.map((value) => ({ value, label: t(`alertState.${value}`) }))}
          onChange={(wanted) => {
            setChanged(undefined);
            setSearch({ state: wanted === "open" ? undefined : wanted, page: undefined });
          }}
        />
      </div>
      <div role="status">
        <Show when={changed()}>
          {(alert) => (
            <p class="notice row">
              <span>
                {alert().state === "snoozed"
                  ? t("alerts.snoozed", { name: nameOf(alert()), day: day(alert().snoozed_until ?? alert().opened_at) })
                  : t("alerts.settled", { name: nameOf(alert()) })}
              </span>
              <button type="button" class="quiet small" onClick={() => void change.run(alert(), { state: "open" })}>
                {t("alerts.undo")}
              </button>
            </p>
          )}
        </Show>
      </div>
      <Fault of={change.fault()} />
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <div aria-busy={found.loading || change.busy()} class={found.loading ? "stale" : ""}>
            <Show when={shown().alerts.length} fallback={<None state={state()} audience={props.audience} />}>
              <p class="muted">{t("alerts.count", { count: shown().total })}</p>
              <ul class="plain">
                <For each={shown().alerts}>
                  {(alert) => (
                    <li class="card alert">
                      <div>
                        <h2>
                          <Person of={alert} audience={props.audience} /> <span class="tag">{t(`alertKind.${alert.kind}`)}</span>
                        </h2>
                        <p>{reasonOf(alert)}</p>
                        <p class="muted">
                          <Show when={nameOfStore(alert)}>{(name) => <bdi>{name()} · </bdi>}</Show>
                          {t("users.since", { day: day(alert.fell_at) })} ·{" "}
                          {t("alerts.worth", { worth: money(alert.worth, alert.currency) })}
                          <Show when={alert.state === "snoozed" && alert.snoozed_until}>
                            {(until) => <> · {t("alerts.until", { day: day(until()) })}</>}
                          </Show>
                          <Show when={alert.resolution}>{(why) => <> · {t(`resolution.${why()}`)}</>}</Show>
                        </p>
                      </div>
                      <Show when={may("marketer")}>
                        <Deeds
                          alert={alert}
                          onWrite={() => setWritten(alert)}
                          onSnooze={() => setSnoozed(alert)}
                          onChange={(state) => void change.run(alert, { state })}
                        />
                      </Show>
                    </li>
                  )}
                </For>
              </ul>
              <Show when={search.page || shown().next_cursor}>
                <Pager turns={pages} next={shown().next_cursor} />
              </Show>
            </Show>
          </div>
        )}
      </Loaded>
      <Show when={written()}>
        {(alert) => (
          <Compose
            path={{ audience: props.audience, contact: alert().customer }}
            name={nameOf(alert())}
            store={alert().store_id}
            open
            onClose={() => setWritten(undefined)}
          />
        )}
      </Show>
      <Show when={snoozed()}>
        {(alert) => (
          <Snooze
            name={nameOf(alert())}
            onClose={() => setSnoozed(undefined)}
            onChosen={(until) => {
              void change.run(alert(), { state: "snoozed", snoozed_until: until });
              setSnoozed(undefined);
            }}
          />
        )}
      </Show>
    </>
  );
}

function None(props: { state: State; audience: string }): JSX.Element {
  return (
    <Show when={props.state === "open"} fallback={<Empty title={t("alerts.noneHere")} />}>
      <Empty title={t("alerts.none")}>
        <p>{t("alerts.noneWhat")}</p>
        <p>
          <A href={`/alert-rules?audience=${props.audience}`}>{t("alertRules.title")}</A>
        </p>
      </Empty>
    </Show>
  );
}

/** What can be done about an alert: write to the customer, put it off, settle it; one settled by hand opens again. */
function Deeds(props: { alert: Alert; onWrite: () => void; onSnooze: () => void; onChange: (state: State) => void }): JSX.Element {
  const named = (what: string): string => `${what}: ${nameOf(props.alert)}`;
  return (
    <div class="row">
      <Show when={props.alert.profile && props.alert.state !== "resolved"}>
        <button type="button" class="primary" aria-label={named(t("compose.open"))} onClick={() => props.onWrite()}>
          {t("compose.open")}
        </button>
      </Show>
      <Show
        when={props.alert.state !== "resolved"}
        fallback={
          <Show when={props.alert.resolution === "by_hand"}>
            <button type="button" aria-label={named(t("alerts.reopen"))} onClick={() => props.onChange("open")}>
              {t("alerts.reopen")}
            </button>
          </Show>
        }
      >
        <button type="button" aria-label={named(t("alerts.snooze"))} onClick={() => props.onSnooze()}>
          {t("alerts.snooze")}
        </button>
        <button type="button" aria-label={named(t("alerts.settle"))} onClick={() => props.onChange("resolved")}>
          {t("alerts.settle")}
        </button>
      </Show>
    </div>
  );
}
