import { Index, Match, Switch, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { Checks } from "../ui/checks";
import { Field } from "../ui/field";
import { Select } from "../ui/select";
import { newCondition, type ConditionDraft } from "./automation-draft";
import type { Things } from "./automation-things";
import { MOST_POINTS } from "./automation-trigger";
import { BoardChoice } from "./board-choice";

const KINDS: ConditionDraft["kind"][] = ["consent", "tag", "locale", "score", "metric"];
const STATUSES: Schemas["ConsentStatus"][] = ["subscribed", "unsubscribed", "non_subscribed", "pending", "cleaned"];
const MOST = 10;

/** Asks for conditions, all of which have to hold. */
export function ConditionFields(props: {
  drafts: ConditionDraft[];
  things: Things;
  onChange: (drafts: ConditionDraft[]) => void;
}): JSX.Element {
  const change = (place: number, changed: Partial<ConditionDraft>): void =>
    props.onChange(props.drafts.map((it, at) => (at === place ? { ...it, ...changed } : it)));
  return (
    <fieldset>
      <legend>{t("automations.onlyIf")}</legend>
      <Index each={props.drafts}>
        {(draft, place) => (
          <div class="part" role="group" aria-label={t("automations.condition", { number: place + 1 })}>
            <div class="choices roomy">
              <Select
                label={t("automations.condition", { number: place + 1 })}
                value={draft().kind}
                options={KINDS.map((value) => ({ value, label: t(`conditionKind.${value}`) }))}
                onChange={(kind) => change(place, { kind })}
              />
              <One draft={draft()} things={props.things} onChange={(changed) => change(place, changed)} />
            </div>
            <button
              type="button"
              class="quiet"
              aria-label={t("automations.dropCondition", { number: place + 1 })}
              onClick={() => props.onChange(props.drafts.filter((_, at) => at !== place))}
            >
              ×
            </button>
          </div>
        )}
      </Index>
      <button
        type="button"
        disabled={props.drafts.length >= MOST}
        onClick={() => props.onChange([...props.drafts, newCondition(props.things.stores[0]?.id ?? "")])}
      >
        {t("automations.addCondition")}
      </button>
    </fieldset>
  );
}

function One(props: { draft: ConditionDraft; things: Things; onChange: (changed: Partial<ConditionDraft>) => void }): JSX.Element {
  const bounds = (input: JSX.InputHTMLAttributes<HTMLInputElement>): JSX.Element => (
    <>
      <Field
        label={t("automations.least")}
        input={{ ...input, value: props.draft.least, required: !props.draft.most, onInput: (it) => props.onChange({ least: it.currentTarget.value }) }}
      />
      <Field
        label={t("automations.most")}
        input={{ ...input, value: props.draft.most, required: !props.draft.least, onInput: (it) => props.onChange({ most: it.currentTarget.value }) }}
      />
    </>
  );
  return (
    <Switch>
      <Match when={props.draft.kind === "consent"}>
        <Checks
          label={t("automations.statuses")}
          options={STATUSES.map((value) => ({ value, label: t(`consent.${value}`) }))}
          chosen={props.draft.statuses}
          onChange={(statuses) => props.onChange({ statuses })}
        />
      </Match>
      <Match when={props.draft.kind === "tag"}>
        <Select
          label={t("automations.has")}
          hidden
          value={props.draft.has ? "has" : "not"}
          options={[
            { value: "has", label: t("automations.has") },
            { value: "not", label: t("automations.hasNot") },
          ]}
          onChange={(value) => props.onChange({ has: value === "has" })}
        />
        <Field
          label={t("automations.tag")}
          input={{ maxlength: 50, required: true, value: props.draft.tag, onInput: (it) => props.onChange({ tag: it.currentTarget.value }) }}
        />
      </Match>
      <Match when={props.draft.kind === "locale"}>
        <Field
          label={t("automations.locales")}
          hint={t("automations.localesHint")}
          input={{ required: true, value: props.draft.locales, onInput: (it) => props.onChange({ locales: it.currentTarget.value }) }}
        />
      </Match>
      <Match when={props.draft.kind === "score"}>{bounds({ type: "number", min: 0, max: MOST_POINTS })}</Match>
      <Match when={props.draft.kind === "metric"}>
        <BoardChoice stores={props.things.stores} of={props.draft} onChange={props.onChange} />
        {bounds({ inputmode: "decimal", pattern: "[0-9]+(\\.[0-9]+)?" })}
      </Match>
    </Switch>
  );
}
