import { A } from "@solidjs/router";
import { createResource, createSignal, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { moment } from "../i18n/format";
import { Loaded } from "../ui/loaded";
import { More } from "../ui/more";
import { growing } from "../ui/pages";
import type { Things } from "./automation-things";
import { stepSays } from "./automation-words";
import { causeSays, outcomeSays, whySays } from "./run-words";

type Run = Schemas["AutomationRunSummary"];

const PAGE = 20;

/** Whom an automation ran for, and how far that is. */
export function Runs(props: { audience: string; automation: string; things: Things }): JSX.Element {
  const list = growing(
    () => ({ audience: props.audience, automation: props.automation }),
    (path, at) => ok(api.GET("/audiences/{audience}/automations/{automation}/runs", { params: { path, query: { limit: PAGE, ...at } } })),
    (page) => page.runs,
  );
  return (
    <section class="card apart">
      <h2>{t("runs.title")}</h2>
      <Loaded of={list.read} retry={list.fromStart}>
        {(shown) => (
          <Show when={shown().entries.length} fallback={<p class="muted">{t("runs.none")}</p>}>
            <ul class="plain lines">
              <For each={shown().entries}>{(run) => <One audience={props.audience} run={run} things={props.things} />}</For>
            </ul>
            <More of={list} />
          </Show>
        )}
      </Loaded>
    </section>
  );
}

function One(props: { audience: string; run: Run; things: Things }): JSX.Element {
  const [isOpen, setOpen] = createSignal(false);
  const who = (): string => props.run.contact.name ?? props.run.contact.email ?? props.run.contact.id;
  return (
    <li>
      <div>
        <A href={`/audiences/${props.audience}/contacts/${props.run.contact.id}`}>
          <bdi>{who()}</bdi>
        </A>{" "}
        <span class={`tag ${props.run.state}`}>{t(`runState.${props.run.state}`)}</span>
        <p class="muted">
          {moment(props.run.started_at)} · {causeSays(props.run.cause)}
          <Show when={props.run.reason}>{(reason) => <> · {whySays(reason())}</>}</Show>
          <Show when={props.run.due_at}>{(at) => <> · {t("runs.due", { at: moment(at()) })}</>}</Show>
        </p>
        <Show when={isOpen()}>
          <Steps audience={props.audience} run={props.run} things={props.things} />
        </Show>
      </div>
      <div class="row">
        <button type="button" aria-expanded={isOpen()} onClick={() => setOpen(!isOpen())}>
          {t("runs.show")}
          <span class="unseen">: {who()}</span>
        </button>
      </div>
    </li>
  );
}

function Steps(props: { audience: string; run: Run; things: Things }): JSX.Element {
  const [run, { refetch }] = createResource(
    () => ({ audience: props.audience, contact: props.run.contact.id, run: props.run.id }),
    (path) => ok(api.GET("/audiences/{audience}/contacts/{contact}/automation-runs/{run}", { params: { path } })),
  );
  return (
    <Loaded of={run} retry={() => void refetch()}>
      {(shown) => (
        <ol class="does">
          <For each={shown().steps}>
            {(step, place) => {
              const last = (): Schemas["StepOutcome"] | undefined => shown().log.findLast((it) => it.step === place());
              return (
                <li>
                  {stepSays(step, props.things)}
                  <span class="muted">
                    {" · "}
                    <Show when={last()} fallback={t("runs.nothing")}>
                      {(outcome) => `${outcomeSays(outcome())} · ${moment(outcome().at)}`}
                    </Show>
                  </span>
                </li>
              );
            }}
          </For>
        </ol>
      )}
    </Loaded>
  );
}
