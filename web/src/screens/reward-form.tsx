import { Match, Show, Switch, type JSX } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { TextField } from "../ui/field";
import { Select } from "../ui/select";
import type { Things } from "./automation-things";
import { METRICS } from "./metrics";
import { BENEFITS, CLOSED, draftOf, paramsOf, programmeOf, SOURCES, WHO, type Draft } from "./reward-draft";
import { AMOUNT, MOST_POINTS } from "./typed";

type Programme = Schemas["Programme"];

/** Asks for a programme, new or to be changed. */
export function RewardForm(props: {
  audience: string;
  kept: Programme | undefined;
  things: Things;
  tiers: Schemas["Tier"][];
  onSaved: (saved: Programme) => void;
}): JSX.Element {
  const [draft, setDraft] = createStore<Draft>(draftOf(props.kept, props.things.stores[0]?.id ?? "", props.tiers[0]?.id ?? ""));
  const currency = (): string => props.things.stores.find((it) => it.id === draft.store)?.currency ?? props.kept?.currency ?? "";
  const save = action(async () => {
    const body = programmeOf(draft);
    props.onSaved(
      props.kept
        ? await ok(api.PATCH("/audiences/{audience}/programmes/{programme}", { params: paramsOf(props.audience, props.kept), body }))
        : await ok(api.POST("/audiences/{audience}/programmes", { params: { path: { audience: props.audience } }, body })),
    );
  });
  const line = (
    label: string,
    name: "name" | "percent" | "amount" | "text" | "worth" | "code" | "prefix" | "first" | "points" | "validDays" | "mostAwards" | "mostValue" | "holdOut",
    input: JSX.InputHTMLAttributes<HTMLInputElement>,
    hint?: string,
  ): JSX.Element => (
    <TextField label={label} hint={hint} value={draft[name]} set={(it) => setDraft(name, it)} input={input} />
  );
  const isSum = (): boolean => draft.benefit === "amount_off";
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void save.run();
      }}
    >
      {line(t("rewards.name"), "name", { required: true, maxlength: 100 })}
      <fieldset>
        <legend>{t("rewards.who")}</legend>
        <Select
          label={t("rewards.who")}
          hidden
          value={draft.who}
          options={WHO.map((value) => ({ value, label: t(`whoKind.${value}`), disabled: value === "tier" && !props.tiers.length }))}
          onChange={(who) => setDraft("who", who)}
        />
        <div class="choices roomy">
          <Show when={draft.who === "board" || props.things.stores.length > 1}>
            <Select
              label={t("automations.store")}
              value={draft.store}
              options={props.things.stores.map((it) => ({ value: it.id, label: it.name }))}
              onChange={(store) => setDraft("store", store)}
            />
          </Show>
          <Switch>
            <Match when={draft.who === "board"}>
              <Select
                label={t("automations.rankBy")}
                value={draft.metric}
                options={METRICS.map((value) => ({ value, label: t(`metric.${value}`) }))}
                onChange={(metric) => setDraft("metric", metric)}
              />
              <Select
                label={t("rewards.each")}
                value={draft.frame}
                options={CLOSED.map((value) => ({ value, label: t(`closedFrame.${value}`) }))}
                onChange={(frame) => setDraft("frame", frame)}
              />
              {line(t("automations.first"), "first", { type: "number", min: 1, max: 1000, required: true })}
            </Match>
            <Match when={draft.who === "score"}>
              {line(t("automations.points"), "points", { type: "number", min: 1, max: MOST_POINTS, required: true })}
            </Match>
            <Match when={draft.who === "tier"}>
              <Select
                label={t("rewards.tier")}
                value={draft.tier}
                options={props.tiers.map((it) => ({ value: it.id, label: it.name }))}
                onChange={(tier) => setDraft("tier", tier)}
              />
            </Match>
          </Switch>
        </div>
      </fieldset>
      <fieldset>
        <legend>{t("rewards.what")}</legend>
        <div class="choices roomy">
          <Select
            label={t("rewards.what")}
            value={draft.benefit}
            options={BENEFITS.map((value) => ({ value, label: t(`benefitKind.${value}`) }))}
            onChange={(benefit) => setDraft("benefit", benefit)}
          />
          <Switch>
            <Match when={draft.benefit === "percent_off"}>
              {line(t("rewards.percent"), "percent", { type: "number", min: 1, max: 100, required: true })}
            </Match>
            <Match when={isSum()}>{line(`${t("rewards.amount")} (${currency()})`, "amount", { ...AMOUNT, required: true })}</Match>
          </Switch>
          {line(t("rewards.text"), "text", {
            maxlength: 100,
            required: draft.benefit === "free_product" || draft.benefit === "early_access",
          })}
          <Show when={!isSum()}>{line(t("rewards.worth"), "worth", AMOUNT, t("rewards.worthHint", { currency: currency() }))}</Show>
        </div>
      </fieldset>
      <fieldset>
        <legend>{t("rewards.coupons")}</legend>
        <div class="choices roomy">
          <Select
            label={t("rewards.coupons")}
            hidden
            value={draft.source}
            options={SOURCES.map((value) => ({ value, label: t(`couponSource.${value}`) }))}
            onChange={(source) => setDraft("source", source)}
          />
          <Switch>
            <Match when={draft.source === "one_code"}>{line(t("rewards.code"), "code", { required: true, maxlength: 100 })}</Match>
            <Match when={draft.source === "generated"}>
              {line(t("rewards.prefix"), "prefix", { maxlength: 20, pattern: "[A-Za-z0-9_\\-]*" })}
            </Match>
          </Switch>
        </div>
      </fieldset>
      <fieldset>
        <legend>{t("rewards.bounds")}</legend>
        <div class="choices roomy">
          {line(t("rewards.validDays"), "validDays", { type: "number", min: 1, max: 3650 }, t("rewards.validHint"))}
          {line(t("rewards.mostAwards"), "mostAwards", { type: "number", min: 1, max: 1_000_000 })}
          <Show when={isSum() || draft.worth}>{line(t("rewards.mostValue", { currency: currency() }), "mostValue", AMOUNT)}</Show>
          {line(t("rewards.holdOut"), "holdOut", { type: "number", min: 0, max: 50 }, t("rewards.holdOutHint"))}
          <Select
            label={t("rewards.template")}
            value={draft.template}
            options={[{ value: "", label: t("rewards.noTemplate") }, ...props.things.templates.map((it) => ({ value: it.id, label: it.name }))]}
            onChange={(template) => setDraft("template", template)}
          />
        </div>
      </fieldset>
      <Fault of={save.fault()} />
      <button type="submit" class="primary" disabled={save.busy()}>
        {t("rewards.save")}
      </button>
    </form>
  );
}
