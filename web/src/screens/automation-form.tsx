import { Show, type JSX } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { action } from "../ui/action";
import { Confirm } from "../ui/confirm";
import { Fault } from "../ui/fault";
import { Count, TextField } from "../ui/field";
import { Select } from "../ui/select";
import { ConditionFields } from "./automation-conditions";
import { automationOf, canGoBack, draftOf, paramsOf, type Draft } from "./automation-draft";
import { DryRun } from "./automation-dry-run";
import { StepFields } from "./automation-steps";
import type { Things } from "./automation-things";
import { TriggerFields } from "./automation-trigger";

type Automation = Schemas["Automation"];

/** Asks for an automation, new or to be changed; lets it be tried before it is saved. */
export function AutomationForm(props: {
  audience: string;
  kept: Automation | undefined;
  things: Things;
  onSaved: (saved: Automation) => void;
  onDeleted: () => void;
}): JSX.Element {
  const [draft, setDraft] = createStore<Draft>(draftOf(props.kept, props.things.stores[0]?.id ?? ""));
  const save = action(async () => {
    const path = { audience: props.audience };
    const body = automationOf(draft);
    props.onSaved(
      props.kept
        ? await ok(api.PATCH("/audiences/{audience}/automations/{automation}", { params: paramsOf(props.audience, props.kept), body }))
        : await ok(api.POST("/audiences/{audience}/automations", { params: { path }, body })),
    );
  });
  const check = (name: "enabled" | "includeExisting" | "countsHistory", label: string): JSX.Element => (
    <label class="check">
      <input type="checkbox" checked={draft[name]} onChange={(it) => setDraft(name, it.currentTarget.checked)} />
      {label}
    </label>
  );
  return (
    <>
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void save.run();
        }}
      >
        <TextField label={t("automations.name")} value={draft.name} set={(it) => setDraft("name", it)} input={{ required: true, maxlength: 100 }} />
        <TriggerFields draft={draft.trigger} things={props.things} onChange={(changed) => setDraft("trigger", changed)} />
        <ConditionFields drafts={draft.conditions} things={props.things} onChange={(drafts) => setDraft("conditions", drafts)} />
        <StepFields drafts={draft.steps} things={props.things} onChange={(drafts) => setDraft("steps", drafts)} />
        <div class="choices roomy">
          <Select
            label={t("automations.repeat")}
            value={draft.repeat}
            options={[
              { value: "once", label: t("automations.once") },
              { value: "every_time", label: t("automations.everyTime") },
            ]}
            onChange={(repeat) => setDraft("repeat", repeat)}
          />
          <Show when={draft.repeat === "every_time" && canGoBack(draft.trigger.kind)}>
            <Count
              label={t("automations.hysteresis")}
              hint={t("automations.hysteresisHint")}
              value={draft.hysteresis}
              least={0}
              most={1_000_000}
              optional
              set={(it) => setDraft("hysteresis", it)}
            />
          </Show>
        </div>
        {check("enabled", t("automations.enabled"))}
        <Show when={draft.enabled}>{check("includeExisting", t("automations.existing"))}</Show>
        {check("countsHistory", t("automations.history"))}
        <Fault of={save.fault()} />
        <div class="row">
          <button type="submit" class="primary" disabled={save.busy()}>
            {t("automations.save")}
          </button>
          <Show when={props.kept}>
            {(kept) => (
              <Confirm
                label={t("automations.delete")}
                title={t("automations.deleteTitle", { name: kept().name })}
                what={t("automations.deleteWhat")}
                now={t("automations.delete")}
                perform={async () => {
                  await ok(api.DELETE("/audiences/{audience}/automations/{automation}", { params: paramsOf(props.audience, kept()) }));
                  props.onDeleted();
                }}
              />
            )}
          </Show>
        </div>
      </form>
      <DryRun audience={props.audience} draft={() => automationOf(draft)} things={props.things} />
    </>
  );
}
