import { A } from "@solidjs/router";
import { createResource, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { ago, listed, moment } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { WithAudience } from "../ui/audience";
import { Fault } from "../ui/fault";
import { Loaded } from "../ui/loaded";
import { Empty } from "../ui/states";
import { paramsOf } from "./automation-draft";
import { nameIn, thingsOf, type Things } from "./automation-things";
import { conditionSays, stepSays, triggerSays } from "./automation-words";

type Automation = Schemas["Automation"];

/** An audience's automations, and what they name. */
export interface Found {
  automations: Automation[];
  things: Things;
}

/** Reads an audience's automations. */
export async function automationsOf(audience: string): Promise<Found> {
  const [things, { automations }] = await Promise.all([
    thingsOf(audience),
    ok(api.GET("/audiences/{audience}/automations", { params: { path: { audience } } })),
  ]);
  return { automations, things };
}

/** What an audience's contacts set off, in plain words. */
export default function Automations(): JSX.Element {
  return (
    <>
      <h1>{t("automations.title")}</h1>
      <WithAudience>{(audience) => <AutomationsOf audience={audience().id} />}</WithAudience>
    </>
  );
}

function AutomationsOf(props: { audience: string }): JSX.Element {
  const [found, { mutate, refetch }] = createResource(() => props.audience, automationsOf);
  const changed = (now: Automation): void => {
    mutate((read) => read && { ...read, automations: read.automations.map((it) => (it.id === now.id ? now : it)) });
  };
  return (
    <>
      <Show when={may("marketer")}>
        <p>
          <A class="button primary" href={`/automations/new?audience=${props.audience}`}>
            {t("automations.new")}
          </A>
        </p>
      </Show>
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <Show
            when={shown().automations.length}
            fallback={
              <Empty title={t("automations.none")}>
                <p>{t("automations.noneWhat")}</p>
              </Empty>
            }
          >
            <ul class="plain">
              <For each={shown().automations}>
                {(it) => <One audience={props.audience} shown={it} among={shown()} onChange={changed} />}
              </For>
            </ul>
          </Show>
        )}
      </Loaded>
    </>
  );
}

function One(props: { audience: string; shown: Automation; among: Found; onChange: (now: Automation) => void }): JSX.Element {
  const turn = action(async () => {
    const params = paramsOf(props.audience, props.shown);
    props.onChange(await ok(api.PATCH("/audiences/{audience}/automations/{automation}", { params, body: { enabled: !props.shown.enabled } })));
  });
  return (
    <li class="card">
      <div class="card-head">
        <h2>
          <A href={`/automations/${props.shown.id}?audience=${props.audience}`}>
            <bdi>{props.shown.name}</bdi>
          </A>
        </h2>
        <span class={`tag ${props.shown.enabled ? "" : "off"}`}>{t(props.shown.enabled ? "automations.on" : "automations.paused")}</span>
      </div>
      <p>
        {triggerSays(props.shown.trigger, props.among.things)}
        <For each={props.shown.conditions}>{(it) => <>, {conditionSays(it, props.among.things)}</>}</For>
      </p>
      <ol class="does">
        <For each={props.shown.steps}>{(it) => <li>{stepSays(it, props.among.things)}</li>}</For>
      </ol>
      <p class="muted">
        {t("automations.runs", { runs: props.shown.runs_30_days })}
        <Show when={props.shown.last_run_at}>{(at) => <> · {t("automations.lastRun", { at: ago(at()) })}</>}</Show>
      </p>
      <Show when={props.shown.guard}>{(guard) => <Guarded report={guard()} all={props.among.automations} />}</Show>
      <Show when={may("marketer")}>
        <div class="row">
          <button type="button" disabled={turn.busy()} onClick={() => void turn.run()}>
            {t(props.shown.enabled ? "automations.pause" : "automations.resume")}
            <span class="unseen">: {props.shown.name}</span>
          </button>
        </div>
        <Fault of={turn.fault()} />
      </Show>
    </li>
  );
}

/** What the guard reports of an automation. */
export function Guarded(props: { report: Schemas["Guard"]; all: Automation[] }): JSX.Element {
  const chain = (): string =>
    listed(props.report.chain.map((id) => nameIn(props.all, id) ?? t("automations.gone")).filter((it, at, all) => all.indexOf(it) === at));
  return (
    <div class="notice fault">
      <p>
        {t(props.report.reason === "loop" ? "automations.guardLoop" : "automations.guardOften", {
          chain: chain(),
          at: moment(props.report.at),
          times: props.report.times,
        })}
      </p>
    </div>
  );
}
