import { createUniqueId, Index, Match, Show, Switch, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { Count, TextField } from "../ui/field";
import { Select } from "../ui/select";
import { newStep, type StepDraft } from "./automation-draft";
import type { Things } from "./automation-things";
import { Part, raised } from "./part";
import { MOST_POINTS } from "./typed";

const KINDS: StepDraft["kind"][] = [
  "send_template",
  "add_tag",
  "remove_tag",
  "change_score",
  "give_reward",
  "notify_team",
  "call_webhook",
  "put_event",
];
const UNITS: Schemas["DelayUnit"][] = ["minutes", "hours", "days"];
const EFFECTS: StepDraft["effect"][] = ["add", "subtract", "set", "remove"];
const MOST = 20;

/** Asks for what is done, one thing after the other. */
export function StepFields(props: { drafts: StepDraft[]; things: Things; onChange: (drafts: StepDraft[]) => void }): JSX.Element {
  const change = (place: number, changed: Partial<StepDraft>): void =>
    props.onChange(props.drafts.map((it, at) => (at === place ? { ...it, ...changed } : it)));
  return (
    <fieldset>
      <legend>{t("automations.then")}</legend>
      <Index each={props.drafts}>
        {(draft, place) => (
          <Part
            label={t("automations.step", { number: place + 1 })}
            raise={{
              label: t("automations.raiseStep", { number: place + 1 }),
              disabled: place === 0,
              run: () => props.onChange(raised(props.drafts, place)),
            }}
            drop={{
              label: t("automations.dropStep", { number: place + 1 }),
              disabled: props.drafts.length === 1,
              run: () => props.onChange(props.drafts.filter((_, at) => at !== place)),
            }}
          >
            <div class="choices roomy">
              <Select
                label={t("automations.step", { number: place + 1 })}
                value={draft().kind}
                options={KINDS.map((value) => ({ value, label: t(`stepKind.${value}`) }))}
                onChange={(kind) => change(place, { kind })}
              />
              <One draft={draft()} things={props.things} onChange={(changed) => change(place, changed)} />
              <Count label={t("automations.wait")} value={draft().wait} least={1} most={60_000} optional set={(wait) => change(place, { wait })} />
              <Show when={draft().wait}>
                <Select
                  label={t("automations.unit")}
                  value={draft().unit}
                  options={UNITS.map((value) => ({ value, label: t(`delayUnit.${value}`) }))}
                  onChange={(unit) => change(place, { unit })}
                />
              </Show>
            </div>
          </Part>
        )}
      </Index>
      <button type="button" disabled={props.drafts.length >= MOST} onClick={() => props.onChange([...props.drafts, newStep()])}>
        {t("automations.addStep")}
      </button>
    </fieldset>
  );
}

function One(props: { draft: StepDraft; things: Things; onChange: (changed: Partial<StepDraft>) => void }): JSX.Element {
  const note = createUniqueId();
  const line = (label: string, name: "tag" | "url" | "name", input: JSX.InputHTMLAttributes<HTMLInputElement>, hint?: string): JSX.Element => (
    <TextField label={label} hint={hint} value={props.draft[name]} set={(it) => props.onChange({ [name]: it })} input={{ ...input, required: true }} />
  );
  return (
    <Switch>
      <Match when={props.draft.kind === "send_template"}>
        <Choice
          label={t("compose.template")}
          value={props.draft.template}
          of={props.things.templates}
          onChange={(template) => props.onChange({ template })}
        />
        <Show when={props.things.stores.length > 1}>
          <Select
            label={t("automations.store")}
            value={props.draft.store}
            options={[{ value: "", label: t("automations.choose") }, ...props.things.stores.map((it) => ({ value: it.id, label: it.name }))]}
            onChange={(store) => props.onChange({ store })}
          />
        </Show>
      </Match>
      <Match when={props.draft.kind === "add_tag" || props.draft.kind === "remove_tag"}>
        {line(t("automations.tag"), "tag", { maxlength: 50 })}
      </Match>
      <Match when={props.draft.kind === "change_score"}>
        <Select
          label={t("rules.then")}
          hidden
          value={props.draft.effect}
          options={EFFECTS.map((value) => ({ value, label: t(`effect.${value}`) }))}
          onChange={(effect) => props.onChange({ effect })}
        />
        <Show when={props.draft.effect !== "remove"}>
          <Count
            label={t("automations.points")}
            value={props.draft.points}
            least={props.draft.effect === "set" ? 0 : 1}
            most={MOST_POINTS}
            set={(points) => props.onChange({ points })}
          />
        </Show>
      </Match>
      <Match when={props.draft.kind === "give_reward"}>
        <Choice
          label={t("automations.programme")}
          value={props.draft.programme}
          of={props.things.programmes.filter((it) => it.state !== "ended")}
          onChange={(programme) => props.onChange({ programme })}
        />
      </Match>
      <Match when={props.draft.kind === "notify_team"}>
        <div class="field">
          <label for={note}>{t("automations.note")}</label>
          <textarea
            id={note}
            rows="2"
            maxlength="1000"
            required
            value={props.draft.note}
            onInput={(it) => props.onChange({ note: it.currentTarget.value })}
          />
        </div>
      </Match>
      <Match when={props.draft.kind === "call_webhook"}>
        {line(t("automations.url"), "url", { type: "url", maxlength: 500, placeholder: "https://" }, t("automations.urlHint"))}
      </Match>
      <Match when={props.draft.kind === "put_event"}>
        {line(t("automations.event"), "name", { maxlength: 64, pattern: "[a-z0-9_]+(\\.[a-z0-9_]+)*", placeholder: "customer.loyal" })}
      </Match>
    </Switch>
  );
}

/** A choice that has to be made; nothing is chosen beforehand. */
function Choice(props: { label: string; value: string; of: { id: string; name: string }[]; onChange: (id: string) => void }): JSX.Element {
  return (
    <Select
      label={props.label}
      value={props.of.some((it) => it.id === props.value) ? props.value : ""}
      options={[{ value: "", label: t("automations.choose") }, ...props.of.map((it) => ({ value: it.id, label: it.name }))]}
      onChange={props.onChange}
    />
  );
}
