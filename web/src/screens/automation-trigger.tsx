import { Match, Show, Switch, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { Checks } from "../ui/checks";
import { Count, TextField } from "../ui/field";
import { Select } from "../ui/select";
import type { TriggerDraft } from "./automation-draft";
import type { Things } from "./automation-things";
import { BoardChoice } from "./board-choice";
import { MOST_POINTS } from "./typed";

const KINDS: TriggerDraft["kind"][] = [
  "score_reaches",
  "score_falls_under",
  "score_enters",
  "rank_enters",
  "rank_leaves",
  "first_purchase",
  "silent",
  "slipping",
  "tag_added",
];
const PULSES: Schemas["Pulse"][] = ["purchase", "open", "click"];
const ALERTS: Schemas["AlertKind"][] = ["left_first", "rank_fell", "spend_down", "overdue", "score_falling"];

/** Asks for what sets an automation off. */
export function TriggerFields(props: {
  draft: TriggerDraft;
  things: Things;
  onChange: (changed: Partial<TriggerDraft>) => void;
}): JSX.Element {
  const is = (...kinds: TriggerDraft["kind"][]): boolean => kinds.includes(props.draft.kind);
  const points = (label: string, name: "points" | "least" | "most"): JSX.Element => (
    <Count label={label} value={props.draft[name]} least={0} most={MOST_POINTS} set={(it) => props.onChange({ [name]: it })} />
  );
  return (
    <fieldset>
      <legend>{t("automations.when")}</legend>
      <Select
        label={t("automations.when")}
        hidden
        value={props.draft.kind}
        options={KINDS.map((value) => ({ value, label: t(`trigger.${value}`) }))}
        onChange={(kind) => props.onChange({ kind })}
      />
      <div class="choices roomy">
        <Switch>
          <Match when={is("score_reaches", "score_falls_under")}>{points(t("automations.points"), "points")}</Match>
          <Match when={is("score_enters")}>
            {points(t("scores.least"), "least")}
            {points(t("scores.most"), "most")}
          </Match>
          <Match when={is("rank_enters", "rank_leaves")}>
            <BoardChoice stores={props.things.stores} of={props.draft} onChange={props.onChange} />
            <Count label={t("automations.first")} value={props.draft.first} least={1} most={1000} set={(first) => props.onChange({ first })} />
          </Match>
          <Match when={is("tag_added")}>
            <TextField label={t("automations.tag")} value={props.draft.tag} set={(tag) => props.onChange({ tag })} input={{ maxlength: 50, required: true }} />
          </Match>
          <Match when={is("silent")}>
            <Select
              label={t("automations.of")}
              value={props.draft.of}
              options={PULSES.map((value) => ({ value, label: t(`pulse.${value}`) }))}
              onChange={(of) => props.onChange({ of })}
            />
            <Count label={t("automations.days")} value={props.draft.days} least={1} most={365} set={(days) => props.onChange({ days })} />
          </Match>
        </Switch>
      </div>
      <Show when={is("slipping")}>
        <Checks
          label={t("automations.alerts")}
          options={ALERTS.map((value) => ({ value, label: t(`alertKind.${value}`) }))}
          chosen={props.draft.alerts}
          onChange={(alerts) => props.onChange({ alerts })}
        />
      </Show>
    </fieldset>
  );
}
