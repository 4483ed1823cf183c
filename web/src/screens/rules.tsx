import { createResource, createSignal, For, Match, Show, Switch, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { action } from "../ui/action";
import { WithAudience } from "../ui/audience";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { Empty, Failed, Loading } from "../ui/states";
import { activityName, RuleForm } from "./rule-form";

type Rule = Schemas["ScoringRule"];

/** What gives and takes points in an audience, in plain words. */
export default function Rules(): JSX.Element {
  return (
    <>
      <h1>{t("rules.title")}</h1>
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
      <Switch>
        <Match when={rules.error}>
          <Failed error={rules.error} retry={() => void refetch()} />
        </Match>
        <Match when={rules.latest}>
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
        </Match>
        <Match when={rules.loading}>
          <Loading />
        </Match>
      </Switch>
      <Show when={may("marketer")}>
        <div class="row">
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
  const [asking, setAsking] = createSignal(false);
  const [typed, setTyped] = createSignal("");
  const reset = action(async () => {
    const params = { path: { audience: props.audience.id } };
    await ok(api.POST("/audiences/{audience}/scores/reset", { params, body: {} }));
    setAsking(false);
  });
  return (
    <>
      <button type="button" class="danger" onClick={() => setAsking(true)}>
        {t("reset.open")}
      </button>
      <Dialog open={asking()} title={t("reset.title", { audience: props.audience.name })} onClose={() => setAsking(false)}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void reset.run();
          }}
        >
          <p>{t("reset.what")}</p>
          <Field
            label={t("reset.type", { audience: props.audience.name })}
            input={{ autocomplete: "off", onInput: (event) => setTyped(event.currentTarget.value) }}
          />
          <p role="alert" class="fault">
            {reset.fault()}
          </p>
          <button type="submit" class="danger" disabled={reset.busy() || typed() !== props.audience.name}>
            {t("reset.now")}
          </button>
        </form>
      </Dialog>
    </>
  );
}
