import { A, useSearchParams } from "@solidjs/router";
import { createMemo, createResource, createSignal, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { day, money } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { WithAudience } from "../ui/audience";
import { Fault } from "../ui/fault";
import { Loaded } from "../ui/loaded";
import { Pager } from "../ui/pager";
import { turns } from "../ui/pages";
import { Select } from "../ui/select";
import { Empty } from "../ui/states";
import { Snooze } from "./alert-snooze";
import { AlertTabs } from "./alert-tabs";
import { reasonOf } from "./alert-words";
import { Compose } from "./compose";

type Alert = Schemas["Alert"];
type State = Schemas["AlertState"];
type Change = Schemas["AlertChange"];

const STATES: State[] = ["open", "snoozed", "resolved"];
const PAGE = 25;

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
    ({ audience, query }) => ok(api.GET("/audiences/{audience}/alerts", { params: { path: { audience }, query } })),
  );
  const [stores] = createResource(async () => (await ok(api.GET("/stores"))).stores);
  const pages = turns(() => search.page, (page) => setSearch({ page }));
  const [changed, setChanged] = createSignal<Alert>();
  const change = action(async (alert: Alert, body: Change, told: boolean) => {
    const path = { audience: props.audience, alert: alert.id };
    const now = await ok(api.PATCH("/audiences/{audience}/alerts/{alert}", { params: { path }, body }));
    setChanged(told ? now : undefined);
    void refetch();
  });
  const nameOfStore = (alert: Alert): string | undefined =>
    alert.kind === "score_falling" ? undefined : stores.latest?.find((it) => it.id === alert.store_id)?.name;
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
              <button type="button" class="quiet small" onClick={() => void change.run(alert(), { state: "open" }, false)}>
                {t("alerts.undo")}
              </button>
            </p>
          )}
        </Show>
      </div>
      <Fault of={change.fault()} />
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <div aria-busy={found.loading} class={found.loading ? "stale" : ""}>
            <Show when={shown().alerts.length} fallback={<None state={state()} audience={props.audience} />}>
              <p class="muted">{t("alerts.count", { count: shown().total })}</p>
              <ul class="plain alerts">
                <For each={shown().alerts}>
                  {(alert) => (
                    <li class="card alert">
                      <div>
                        <Who alert={alert} audience={props.audience} />
                        <p>{reasonOf(alert)}</p>
                        <p class="muted">
                          <Show when={nameOfStore(alert)}>{(name) => <bdi>{name()} · </bdi>}</Show>
                          {t("alerts.since", { day: day(alert.fell_at) })} ·{" "}
                          {t("alerts.worth", { worth: money(alert.worth, alert.currency) })}
                          <Show when={alert.state === "snoozed" && alert.snoozed_until}>
                            {(until) => <> · {t("alerts.until", { day: day(until()) })}</>}
                          </Show>
                          <Show when={alert.resolution}>{(why) => <> · {t(`resolution.${why()}`)}</>}</Show>
                        </p>
                      </div>
                      <Show when={may("marketer")}>
                        <Deeds alert={alert} audience={props.audience} change={(body) => void change.run(alert, body, body.state !== "open")} />
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
    </>
  );
}

const nameOf = (alert: Alert): string => alert.name ?? alert.email ?? t("customer.unknown", { id: alert.customer });

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

function Who(props: { alert: Alert; audience: string }): JSX.Element {
  return (
    <h2>
      <Show when={props.alert.profile} fallback={<bdi>{nameOf(props.alert)}</bdi>}>
        <A href={`/audiences/${props.audience}/contacts/${props.alert.customer}`}>
          <bdi>{nameOf(props.alert)}</bdi>
        </A>
      </Show>{" "}
      <span class="tag">{t(`alertKind.${props.alert.kind}`)}</span>
    </h2>
  );
}

/** What can be done about an alert: write to the customer, put it off, settle it; one settled by hand opens again. */
function Deeds(props: { alert: Alert; audience: string; change: (body: Change) => void }): JSX.Element {
  const [writing, setWriting] = createSignal(false);
  const [snoozing, setSnoozing] = createSignal(false);
  const named = (what: string): string => `${what}: ${nameOf(props.alert)}`;
  return (
    <div class="row">
      <Show when={props.alert.profile && props.alert.state !== "resolved"}>
        <button type="button" class="primary" aria-label={named(t("compose.open"))} onClick={() => setWriting(true)}>
          {t("compose.open")}
        </button>
      </Show>
      <Show
        when={props.alert.state !== "resolved"}
        fallback={
          <Show when={props.alert.resolution === "by_hand"}>
            <button type="button" aria-label={named(t("alerts.reopen"))} onClick={() => props.change({ state: "open" })}>
              {t("alerts.reopen")}
            </button>
          </Show>
        }
      >
        <button type="button" aria-label={named(t("alerts.snooze"))} onClick={() => setSnoozing(true)}>
          {t("alerts.snooze")}
        </button>
        <button type="button" aria-label={named(t("alerts.settle"))} onClick={() => props.change({ state: "resolved" })}>
          {t("alerts.settle")}
        </button>
      </Show>
      <Compose
        path={{ audience: props.audience, contact: props.alert.customer }}
        name={nameOf(props.alert)}
        store={props.alert.store_id}
        open={writing()}
        onClose={() => setWriting(false)}
      />
      <Snooze
        name={nameOf(props.alert)}
        open={snoozing()}
        onClose={() => setSnoozing(false)}
        onChosen={(until) => {
          setSnoozing(false);
          props.change({ state: "snoozed", snoozed_until: until });
        }}
      />
    </div>
  );
}
