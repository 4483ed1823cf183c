import { A, useNavigate, useParams, useSearchParams } from "@solidjs/router";
import { createResource, createSignal, For, Show, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { known, Loaded } from "../ui/loaded";
import { Empty } from "../ui/states";
import { AutomationForm } from "./automation-form";
import { Runs } from "./automation-runs";
import type { Things } from "./automation-things";
import { conditionSays, stepSays, triggerSays } from "./automation-words";
import { automationsOf, Guarded } from "./automations";

type Automation = Schemas["Automation"];

const NEW = "new";

/** One automation: what it is, whom it would touch, whom it ran for. */
export default function AutomationScreen(): JSX.Element {
  const params = useParams<{ automation: string }>();
  const [search] = useSearchParams<Record<"audience", string>>();
  const go = useNavigate();
  const audience = (): string => search.audience ?? "";
  const [isSaved, setSaved] = createSignal(false);
  const [found, { mutate, refetch }] = createResource(audience, automationsOf);
  const kept = (): Automation | undefined => known(found)?.automations.find((it) => it.id === params.automation);
  const list = (): string => `/automations?audience=${audience()}`;
  const saved = (it: Automation): void => {
    mutate((read) => read && { ...read, automations: [...read.automations.filter((other) => other.id !== it.id), it] });
    setSaved(true);
    go(`/automations/${it.id}?audience=${audience()}`, { replace: true });
  };
  return (
    <>
      <p class="trail">
        <A href={list()}>{t("automations.title")}</A>
      </p>
      <h1>
        <bdi>{params.automation === NEW ? t("automations.new") : (kept()?.name ?? "…")}</bdi>
      </h1>
      <Loaded of={found} retry={() => void refetch()}>
        {(read) => (
          <Show when={params.automation === NEW || kept()} fallback={<Empty title={t("automations.notThere")} />}>
            <p role="status">{isSaved() ? t("automations.saved") : ""}</p>
            <Show when={kept()?.guard}>{(guard) => <Guarded report={guard()} all={read().automations} />}</Show>
            <Show when={may("marketer")} fallback={<Told shown={kept()!} things={read().things} />}>
              <Show when={{ version: kept()?.version }} keyed>
                {(_) => (
                  <AutomationForm
                    audience={audience()}
                    kept={kept()}
                    things={read().things}
                    onSaved={saved}
                    onDeleted={() => go(list())}
                  />
                )}
              </Show>
            </Show>
            <Show when={kept()}>{(it) => <Runs audience={audience()} automation={it().id} things={read().things} />}</Show>
          </Show>
        )}
      </Loaded>
    </>
  );
}

/** An automation for those who may not change it. */
function Told(props: { shown: Automation; things: Things }): JSX.Element {
  return (
    <section class="card">
      <p>
        {triggerSays(props.shown.trigger, props.things)}
        <For each={props.shown.conditions}>{(it) => <>, {conditionSays(it, props.things)}</>}</For>
      </p>
      <ol class="does">
        <For each={props.shown.steps}>{(it) => <li>{stepSays(it, props.things)}</li>}</For>
      </ol>
    </section>
  );
}
