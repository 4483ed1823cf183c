import { Index, Match, Switch, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { Checks } from "../ui/checks";
import { TextField } from "../ui/field";
import { Select } from "../ui/select";
import { newCondition, type ConditionDraft } from "./automation-draft";
import type { Things } from "./automation-things";
import { BoardChoice } from "./board-choice";
import { Part } from "./part";
import { AMOUNT, MOST_POINTS } from "./typed";

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
          <Part
            label={t("automations.condition", { number: place + 1 })}
            drop={{
              label: t("automations.dropCondition", { number: place + 1 }),
              run: () => props.onChange(props.drafts.filter((_, at) => at !== place)),
            }}
          >
            <div class="choices roomy">
              <Select
                label={t("automations.condition", { number: place + 1 })}
                value={draft().kind}
                options={KINDS.map((value) => ({ value, label: t(`conditionKind.${value}`) }))}
                onChange={(kind) => change(place, { kind })}
              />
              <One draft={draft()} things={props.things} onChange={(changed) => change(place, changed)} />
            </div>
          </Part>
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
      <TextField
        label={t("scores.least")}
        value={props.draft.least}
        set={(least) => props.onChange({ least })}
        input={{ ...input, required: !props.draft.most }}
      />
      <TextField
        label={t("scores.most")}
        value={props.draft.most}
        set={(most) => props.onChange({ most })}
        input={{ ...input, required: !props.draft.least }}
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
        <TextField label={t("automations.tag")} value={props.draft.tag} set={(tag) => props.onChange({ tag })} input={{ maxlength: 50, required: true }} />
      </Match>
      <Match when={props.draft.kind === "locale"}>
        <TextField
          label={t("automations.locales")}
          hint={t("automations.localesHint")}
          value={props.draft.locales}
          set={(locales) => props.onChange({ locales })}
          input={{ required: true }}
        />
      </Match>
      <Match when={props.draft.kind === "score"}>{bounds({ type: "number", min: 0, max: MOST_POINTS })}</Match>
      <Match when={props.draft.kind === "metric"}>
        <BoardChoice stores={props.things.stores} of={props.draft} onChange={props.onChange} />
        {bounds(AMOUNT)}
      </Match>
    </Switch>
  );
}
