import { useSearchParams } from "@solidjs/router";
import { createResource, For, Match, Show, Switch, type JSX } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { whole } from "../i18n/format";
import { action } from "../ui/action";
import { WithAudience } from "../ui/audience";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";
import { Empty, Failed, Loading } from "../ui/states";
import { following } from "../ui/watch";
import { BackTestResult } from "./back-test-result";
import { ScoreTabs } from "./score-tabs";
import { MOST_POINTS } from "./typed";

type Rule = Schemas["ScoringRule"];

const LOOK_AGAIN = 1500;
const LONGEST = 90;

/** What other rules would have made of the last weeks, before anybody's score changes. */
export default function BackTest(): JSX.Element {
  return (
    <>
      <h1>{t("backTest.title")}</h1>
      <ScoreTabs />
      <WithAudience>{(audience) => <BackTestOf audience={audience().id} />}</WithAudience>
    </>
  );
}

function BackTestOf(props: { audience: string }): JSX.Element {
  const [search, setSearch] = useSearchParams<Record<"job", string>>();
  const [rules, { refetch }] = createResource(
    () => ({ audience: props.audience }),
    async (path) => (await ok(api.GET("/audiences/{audience}/scoring-rules", { params: { path } }))).rules,
  );
  return (
    <Loaded of={rules} retry={() => void refetch()}>
      {(found) => (
        <Show when={found().length} fallback={<Empty title={t("rules.none")} />}>
          <Draft audience={props.audience} rules={found()} onStarted={(job) => setSearch({ job })} />
          <Show when={search.job}>{(job) => <Run audience={props.audience} job={job()} />}</Show>
        </Show>
      )}
    </Loaded>
  );
}

function Draft(props: { audience: string; rules: Rule[]; onStarted: (job: string) => void }): JSX.Element {
  const [draft, setDraft] = createStore(
    Object.fromEntries(props.rules.map((rule) => [rule.id, { takes: rule.enabled, points: String(rule.points ?? "") }])),
  );
  const start = action(async (form: FormData) => {
    const chosen = props.rules.filter((rule) => draft[rule.id]?.takes);
    const job = await ok(
      api.POST("/audiences/{audience}/back-tests", {
        params: { path: { audience: props.audience } },
        body: {
          rules: chosen.map((rule) => drafted(rule, draft[rule.id]!.points)),
          threshold: Number(form.get("threshold")),
          days: Number(form.get("days")),
        },
      }),
    );
    props.onStarted(job.id);
  });
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void start.run(new FormData(event.currentTarget));
      }}
    >
      <p>{t("backTest.what")}</p>
      <fieldset>
        <legend>{t("backTest.rules")}</legend>
        <For each={props.rules}>
          {(rule) => (
            <div class="draft-rule">
              <label class="check">
                <input
                  type="checkbox"
                  checked={draft[rule.id]!.takes}
                  onChange={(event) => setDraft(rule.id, "takes", event.currentTarget.checked)}
                />
                <bdi>{rule.name}</bdi>
              </label>
              <Show when={rule.effect !== "remove"}>
                <input
                  type="number"
                  min={rule.effect === "set" ? 0 : 1}
                  max={MOST_POINTS}
                  required
                  disabled={!draft[rule.id]!.takes}
                  aria-label={`${t("rules.points")}: ${rule.name}`}
                  value={draft[rule.id]!.points}
                  onInput={(event) => setDraft(rule.id, "points", event.currentTarget.value)}
                />
              </Show>
            </div>
          )}
        </For>
      </fieldset>
      <div class="choices roomy">
        <Field
          label={t("backTest.threshold")}
          hint={t("backTest.thresholdHint")}
          input={{ name: "threshold", type: "number", min: 1, max: MOST_POINTS, required: true, value: 100 }}
        />
        <Field
          label={t("backTest.days")}
          hint={t("backTest.daysHint")}
          input={{ name: "days", type: "number", min: 1, max: LONGEST, required: true, value: 30 }}
        />
      </div>
      <Fault of={start.fault()} />
      <button type="submit" class="primary" disabled={start.busy() || !props.rules.some((rule) => draft[rule.id]?.takes)}>
        {t("backTest.start")}
      </button>
    </form>
  );
}

/** A rule as it is, but for its points. */
function drafted(rule: Rule, points: string): Schemas["RuleIn"] {
  return {
    name: rule.name,
    activity: rule.activity,
    effect: rule.effect as Schemas["RuleIn"]["effect"],
    points: rule.effect === "remove" ? null : Number(points),
    conditions: rule.conditions,
    frequency_cap: rule.frequency_cap,
    expires_after_days: rule.expires_after_days,
    counts_machines: rule.counts_machines,
    enabled: true,
  };
}

function Run(props: { audience: string; job: string }): JSX.Element {
  const [job, { refetch }] = createResource(
    () => ({ audience: props.audience, job: props.job }),
    (path) => ok(api.GET("/audiences/{audience}/jobs/{job}", { params: { path } })),
  );
  const open = following(job, (it) => [it], LOOK_AGAIN, () => void refetch());
  return (
    <section class="card" aria-busy={open()}>
      <h2>{t("backTest.result")}</h2>
      <Switch>
        <Match when={job.state === "errored"}>
          <Failed error={job.error} retry={() => void refetch()} />
        </Match>
        <Match when={job.latest?.state === "failed"}>
          <p class="fault">{job.latest?.error ?? t("state.failed")}</p>
        </Match>
        <Match when={job.latest?.kind === "back_test" && job.latest.result}>
          {(result) => <BackTestResult audience={props.audience} result={result() as Schemas["BackTestResult"]} />}
        </Match>
        <Match when={job.latest}>
          {(shown) => (
            <div role="status">
              <p>{t("backTest.running", { done: shown().progress.done, total: whole(shown().progress.total ?? 0) })}</p>
              <progress
                aria-label={t("backTest.result")}
                {...(shown().progress.total ? { max: shown().progress.total!, value: shown().progress.done } : {})}
              />
            </div>
          )}
        </Match>
        <Match when={job.loading}>
          <Loading />
        </Match>
      </Switch>
    </section>
  );
}
