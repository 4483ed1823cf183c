import { createEffect, createResource, For, Match, on, Switch, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { known } from "../ui/loaded";
import { Failed } from "../ui/states";
import { following } from "../ui/watch";

const LOOK_AGAIN = 1500;

/** How many got it, and why others did not. */
export function AwardOutcome(props: { audience: string; job: string; onDone?: () => void }): JSX.Element {
  const [job, { refetch }] = createResource(
    () => ({ audience: props.audience, job: props.job }),
    (path) => ok(api.GET("/audiences/{audience}/jobs/{job}", { params: { path } })),
  );
  const result = (): Schemas["AwardResult"] | null => (known(job)?.result ?? null) as Schemas["AwardResult"] | null;
  createEffect(on(result, (it) => it && props.onDone?.()));
  following(job, (it) => [it], LOOK_AGAIN, () => void refetch());
  return (
    <div role="status">
      <Switch fallback={<p>{t("award.running")}</p>}>
        <Match when={job.state === "errored"}>
          <Failed error={job.error} retry={() => void refetch()} />
        </Match>
        <Match when={job.latest?.state === "failed"}>
          <p class="fault">{job.latest?.error ?? t("state.failed")}</p>
        </Match>
        <Match when={result()}>
          {(told) => (
            <>
              <p class="big">{t("award.given", { given: told().given })}</p>
              <ul class="plain">
                <For each={Object.entries(told().refused)}>
                  {([reason, count]) => <li>{t(`refusal.${reason as Schemas["Refusal"]}`, { count })}</li>}
                </For>
              </ul>
            </>
          )}
        </Match>
      </Switch>
    </div>
  );
}
