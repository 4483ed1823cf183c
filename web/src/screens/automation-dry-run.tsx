import { A } from "@solidjs/router";
import { createResource, createSignal, For, Match, Show, Switch, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { Failed, Loading } from "../ui/states";
import { following } from "../ui/watch";
import type { Things } from "./automation-things";
import { conditionSays } from "./automation-words";

type Draft = Schemas["AutomationIn"];

const LOOK_AGAIN = 1500;
const SHOWN = 20;

/** Tells whom an automation would touch, as it is typed, before anything happens. */
export function DryRun(props: { audience: string; draft: () => Draft; things: Things }): JSX.Element {
  const [tried, setTried] = createSignal<{ job: string; draft: Draft }>();
  const start = action(async () => {
    const draft = props.draft();
    const params = { path: { audience: props.audience } };
    const job = await ok(api.POST("/audiences/{audience}/automations/dry-runs", { params, body: { draft } }));
    setTried({ job: job.id, draft });
  });
  return (
    <Show when={may("marketer")}>
      <section class="card apart">
        <h2>{t("dryRun.title")}</h2>
        <p>{t("dryRun.what")}</p>
        <Fault of={start.fault()} />
        <button type="button" disabled={start.busy()} onClick={() => void start.run()}>
          {t("dryRun.start")}
        </button>
        <Show when={tried()} keyed>
          {(run) => <Result audience={props.audience} job={run.job} draft={run.draft} things={props.things} />}
        </Show>
      </section>
    </Show>
  );
}

function Result(props: { audience: string; job: string; draft: Draft; things: Things }): JSX.Element {
  const [job, { refetch }] = createResource(
    () => ({ audience: props.audience, job: props.job }),
    (path) => ok(api.GET("/audiences/{audience}/automations/dry-runs/{job}", { params: { path } })),
  );
  const open = following(job, (it) => [it], LOOK_AGAIN, () => void refetch());
  return (
    <div class="apart" aria-busy={open()}>
      <Switch>
        <Match when={job.state === "errored"}>
          <Failed error={job.error} retry={() => void refetch()} />
        </Match>
        <Match when={job.latest?.state === "failed"}>
          <Fault of={job.latest?.error ?? t("state.failed")} />
        </Match>
        <Match when={job.latest?.result}>{(result) => <Found {...props} result={result()} />}</Match>
        <Match when={job.latest}>
          {(shown) => <p role="status">{t("dryRun.running", { done: shown().progress.done })}</p>}
        </Match>
        <Match when={job.loading}>
          <Loading />
        </Match>
      </Switch>
    </div>
  );
}

function Found(props: { audience: string; result: Schemas["DryRunResult"]; draft: Draft; things: Things }): JSX.Element {
  const result = (): Schemas["DryRunResult"] => props.result;
  const condition = (number: number): string => conditionSays(props.draft.conditions[number]!, props.things);
  return (
    <>
      <p class="big" role="status">
        {t("dryRun.touched", { count: result().touched })}
      </p>
      <p>{t("dryRun.summary", { checked: result().checked, met: result().met, refused: result().refused, before: result().done_before })}</p>
      <Show when={result().touched}>
        <h3>{t("dryRun.whom")}</h3>
        <Contacts audience={props.audience} of={result().touched_contacts} all={result().touched} />
      </Show>
      <Show when={result().refused}>
        <h3 class="apart">{t("dryRun.refused")}</h3>
        <ul class="plain">
          <For each={result().refused_by.filter((it) => it.contacts > 0)}>
            {(it) => <li>{t("dryRun.refusedBy", { contacts: it.contacts, condition: condition(it.condition) })}</li>}
          </For>
        </ul>
        <Contacts audience={props.audience} of={result().refused_contacts} all={result().refused} />
      </Show>
    </>
  );
}

function Contacts(props: { audience: string; of: Schemas["RunContact"][]; all: number }): JSX.Element {
  return (
    <>
      <ul class="plain columns">
        <For each={props.of.slice(0, SHOWN)}>
          {(it) => (
            <li class="wrap">
              <A href={`/audiences/${props.audience}/contacts/${it.id}`}>
                <bdi>{it.name ?? it.email ?? it.id}</bdi>
              </A>
            </li>
          )}
        </For>
      </ul>
      <Show when={props.all > SHOWN}>
        <p class="hint">{t("backTest.more", { count: props.all - SHOWN })}</p>
      </Show>
    </>
  );
}
