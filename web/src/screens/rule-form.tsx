import { createSignal, Index, Show, type JSX } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ifMatch, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { Count, TextField } from "../ui/field";
import { Select } from "../ui/select";
import { ACTIVITIES, activityName } from "./deeds";
import { MOST_POINTS, text } from "./typed";

type Rule = Schemas["ScoringRule"];
type Effect = Schemas["RuleIn"]["effect"];
type Window = Schemas["CapWindow"];
type Operator = Schemas["Operator"];

const EFFECTS: Effect[] = ["add", "subtract", "set", "remove", "add_per_unit"];
const WINDOWS: Window[] = ["ever", "day", "week", "month"];
const OPERATORS: Operator[] = ["equals", "contains", "greater", "less", "one_of"];
const WHOLE = /^-?\d{1,15}$/;

interface Draft {
  name: string;
  enabled: boolean;
  activity: string;
  effect: Effect;
  points: string;
  conditions: { property: string; operator: Operator; value: string }[];
  times: string;
  window: Window;
  expires: string;
  machines: boolean;
}

/** Asks for a rule, new or to be changed, as a sentence to be filled in. */
export function RuleForm(props: { audience: string; rule: Rule | undefined; onDone: () => void }): JSX.Element {
  const [draft, setDraft] = createStore<Draft>(draftOf(props.rule));
  const [own, setOwn] = createSignal(!ACTIVITIES.some((it) => it === draft.activity));
  const save = action(async () => {
    const path = { audience: props.audience };
    if (props.rule) {
      const params = { path: { ...path, rule: props.rule.id }, header: ifMatch(props.rule.version) };
      await ok(api.PATCH("/audiences/{audience}/scoring-rules/{rule}", { params, body: ruleOf(draft) }));
    } else {
      await ok(api.POST("/audiences/{audience}/scoring-rules", { params: { path }, body: ruleOf(draft) }));
    }
    props.onDone();
  });
  const remove = action(async (rule: Rule) => {
    const params = { path: { audience: props.audience, rule: rule.id }, header: ifMatch(rule.version) };
    await ok(api.DELETE("/audiences/{audience}/scoring-rules/{rule}", { params }));
    props.onDone();
  });
  const ofOrders = (): boolean => draft.activity.startsWith("order.");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save.run();
      }}
    >
      <TextField label={t("rules.name")} value={draft.name} set={(it) => setDraft("name", it)} input={{ required: true, maxlength: 100 }} />
      <Select
        label={t("rules.when")}
        value={own() ? "" : draft.activity}
        options={[
          ...ACTIVITIES.map((value) => ({ value: value as string, label: activityName(value) })),
          { value: "", label: t("rules.other") },
        ]}
        onChange={(value) => {
          setOwn(value === "");
          setDraft("activity", value);
        }}
      />
      <Show when={own()}>
        <TextField
          label={t("rules.otherName")}
          value={draft.activity}
          set={(it) => setDraft("activity", it.trim())}
          input={{ required: true, maxlength: 64 }}
        />
      </Show>
      <fieldset>
        <legend>{t("rules.onlyIf")}</legend>
        <Index each={draft.conditions}>
          {(condition, index) => (
            <div class="row condition">
              <TextField
                label={t("rules.property")}
                value={condition().property}
                set={(it) => setDraft("conditions", index, "property", it.trim())}
                input={{ required: true, maxlength: 64 }}
              />
              <Select
                label={t("rules.operator")}
                value={condition().operator}
                options={OPERATORS.map((value) => ({ value, label: t(`operator.${value}`) }))}
                onChange={(value) => setDraft("conditions", index, "operator", value)}
              />
              <TextField
                label={t("rules.value")}
                value={condition().value}
                set={(it) => setDraft("conditions", index, "value", it)}
                input={{ required: true, maxlength: 1000 }}
              />
              <button
                type="button"
                class="quiet"
                aria-label={t("rules.dropCondition")}
                onClick={() => setDraft("conditions", (all) => all.filter((_, place) => place !== index))}
              >
                ×
              </button>
            </div>
          )}
        </Index>
        <button
          type="button"
          disabled={draft.conditions.length >= 10}
          onClick={() => setDraft("conditions", (all) => [...all, { property: "", operator: "equals", value: "" }])}
        >
          {t("rules.addCondition")}
        </button>
      </fieldset>
      <div class="row">
        <Select
          label={t("rules.then")}
          value={draft.effect}
          options={EFFECTS.filter((it) => it !== "add_per_unit" || ofOrders()).map((value) => ({
            value,
            label: t(`effect.${value}`),
          }))}
          onChange={(value) => setDraft("effect", value)}
        />
        <Show when={draft.effect !== "remove"}>
          <Count
            label={t("rules.points")}
            value={draft.points}
            least={draft.effect === "set" ? 0 : 1}
            most={MOST_POINTS}
            set={(it) => setDraft("points", it)}
          />
        </Show>
      </div>
      <div class="row">
        <Count label={t("rules.cap")} value={draft.times} least={1} most={1000} optional set={(it) => setDraft("times", it)} />
        <Select
          label={t("rules.window")}
          value={draft.window}
          options={WINDOWS.map((value) => ({ value, label: t(`window.${value}`) }))}
          onChange={(value) => setDraft("window", value)}
        />
        <Show when={draft.effect === "add" || draft.effect === "add_per_unit"}>
          <Count label={t("rules.expires")} value={draft.expires} least={1} most={365} optional set={(it) => setDraft("expires", it)} />
        </Show>
      </div>
      <label class="check">
        <input type="checkbox" checked={draft.enabled} onChange={(it) => setDraft("enabled", it.currentTarget.checked)} />
        {t("rules.enabled")}
      </label>
      <label class="check">
        <input type="checkbox" checked={draft.machines} onChange={(it) => setDraft("machines", it.currentTarget.checked)} />
        {t("rules.machines")}
      </label>
      <Fault of={save.fault() ?? remove.fault()} />
      <div class="row">
        <button type="submit" class="primary" disabled={save.busy()}>
          {t("rules.save")}
        </button>
        <Show when={props.rule}>
          {(rule) => (
            <button type="button" class="danger" disabled={remove.busy()} onClick={() => void remove.run(rule())}>
              {t("rules.delete")}
            </button>
          )}
        </Show>
      </div>
    </form>
  );
}

function draftOf(rule: Rule | undefined): Draft {
  return {
    name: rule?.name ?? "",
    enabled: rule?.enabled ?? true,
    activity: rule?.activity ?? "order.placed",
    effect: EFFECTS.find((it) => it === rule?.effect) ?? "add",
    points: text(rule?.points ?? 5),
    conditions: (rule?.conditions ?? []).map(({ property, operator, value, values }) => ({
      property,
      operator,
      value: operator === "one_of" ? (values ?? []).join(", ") : String(value ?? ""),
    })),
    times: text(rule?.frequency_cap?.times),
    window: rule?.frequency_cap?.window ?? "day",
    expires: text(rule?.expires_after_days),
    machines: rule?.counts_machines ?? false,
  };
}

function ruleOf(draft: Draft): Schemas["RuleIn"] {
  const lasts = draft.expires && (draft.effect === "add" || draft.effect === "add_per_unit");
  return {
    name: draft.name.trim(),
    enabled: draft.enabled,
    activity: draft.activity,
    effect: draft.effect,
    points: draft.effect === "remove" ? null : Number(draft.points),
    conditions: draft.conditions.map(({ property, operator, value }) =>
      operator === "one_of"
        ? { property, operator, values: value.split(",").map((it) => typed(it.trim())) }
        : { property, operator, value: typed(value.trim()) },
    ),
    frequency_cap: draft.times ? { times: Number(draft.times), window: draft.window } : null,
    expires_after_days: lasts ? Number(draft.expires) : null,
    counts_machines: draft.machines,
  };
}

/** A value as activities hold it: a whole number, yes or no, or text. */
function typed(text: string): string | number | boolean {
  if (WHOLE.test(text)) return Number(text);
  return text === "true" ? true : text === "false" ? false : text;
}
