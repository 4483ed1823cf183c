import { createResource, createSignal, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { WithAudience } from "../ui/audience";
import { Confirm } from "../ui/confirm";
import { Dialog } from "../ui/dialog";
import { Loaded } from "../ui/loaded";
import { Empty } from "../ui/states";
import { Fading } from "./fading";
import { activityName } from "./deeds";
import { RuleForm } from "./rule-form";
import { ScoreTabs } from "./score-tabs";

type Rule = Schemas["ScoringRule"];

/** What gives and takes points in an audience, in plain words. */
export default function Rules(): JSX.Element {
  return (
    <>
      <h1>{t("rules.title")}</h1>
      <ScoreTabs />
      <WithAudience>{(audience) => <RulesOf audience={audience()} />}</WithAudience>
    </>
  );
}

function RulesOf(props: { audience: Schemas["Audience"] }): JSX.Element {
  const path = (): { audience: string } => ({ audience: props.audience.id });
  const [edited, setEdited] = createSignal<Rule | "new">();
  const [rules, { refetch }] = createResource(path, (path) =>
    ok(api.GET("/audiences/{audience}/scoring-rules", { params: { path } })),
  );
  const done = (): void => {
    setEdited(undefined);
    void refetch();
  };
  return (
    <>
      <Loaded of={rules} retry={() => void refetch()}>
        {(shown) => (
          <Show when={shown().rules.length} fallback={<Empty title={t("rules.none")} />}>
            <ul class="plain">
              <For each={shown().rules}>
                {(rule) => (
                  <li class="card rule">
                    <div>
                      <h2>{rule.name}</h2>
                      <p>{sentence(rule)}</p>
                      <Show when={!rule.enabled}>
                        <p class="muted">{t("rules.off")}</p>
                      </Show>
                    </div>
                    <Show when={may("marketer")}>
                      <button type="button" onClick={() => setEdited(rule)}>
                        {t("rules.change")}
                      </button>
                    </Show>
                  </li>
                )}
              </For>
            </ul>
          </Show>
        )}
      </Loaded>
      <Show when={may("marketer")}>
        <div class="row below">
          <button type="button" class="primary" onClick={() => setEdited("new")}>
            {t("rules.new")}
          </button>
          <Reset audience={props.audience} />
        </div>
        <Dialog
          open={edited() !== undefined}
          title={edited() === "new" ? t("rules.new") : t("rules.change")}
          onClose={() => setEdited(undefined)}
        >
          <Show when={edited()} keyed>
            {(rule) => <RuleForm audience={props.audience.id} rule={rule === "new" ? undefined : rule} onDone={done} />}
          </Show>
        </Dialog>
      </Show>
      <Fading audience={props.audience.id} />
    </>
  );
}

/** A rule as one sentence. */
function sentence(rule: Rule): string {
  const conditions = rule.conditions.map((it) =>
    t("rules.condition", {
      property: it.property,
      operator: it.operator,
      value: it.operator === "one_of" ? (it.values ?? []).join(", ") : String(it.value),
    }),
  );
  return t("rules.sentence", {
    activity: activityName(rule.activity),
    conditions: conditions.length ? conditions.join(t("rules.and")) : "none",
    effect: rule.effect,
    points: rule.points ?? 0,
    cap: rule.frequency_cap?.times ?? 0,
    window: rule.frequency_cap?.window ?? "none",
    expires: rule.expires_after_days ?? 0,
  });
}

function Reset(props: { audience: Schemas["Audience"] }): JSX.Element {
  const params = (): { path: { audience: string } } => ({ path: { audience: props.audience.id } });
  return (
    <Confirm
      label={t("reset.open")}
      title={t("reset.title", { audience: props.audience.name })}
      what={t("reset.what")}
      word={props.audience.name}
      now={t("reset.now")}
      perform={() => ok(api.POST("/audiences/{audience}/scores/reset", { params: params(), body: {} }))}
    />
  );
}
