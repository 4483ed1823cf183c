import { createResource, createUniqueId, Index, Show, createSignal, type JSX } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { action } from "../ui/action";
import { WithAudience } from "../ui/audience";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";
import { Select } from "../ui/select";
import { MOST_POINTS } from "./automation-trigger";
import { FRAMES } from "./frames";
import { RewardTabs } from "./reward-tabs";
import { tiersOf } from "./rewards";

type Tiers = Schemas["Tiers"];
type Store = Schemas["Store"];

interface Draft {
  id: string | null;
  name: string;
  benefits: string;
  kind: "score" | "spent";
  points: string;
  store: string;
  frame: Schemas["TimeFrame"];
  amount: string;
}

const MOST = 20;

/** What loyal contacts are called, and what that brings them. */
export default function TiersScreen(): JSX.Element {
  return (
    <>
      <h1>{t("rewards.title")}</h1>
      <RewardTabs />
      <WithAudience>{(audience) => <TiersOf audience={audience().id} />}</WithAudience>
    </>
  );
}

function TiersOf(props: { audience: string }): JSX.Element {
  const [found, { refetch }] = createResource(
    () => props.audience,
    async (audience) => {
      const [tiers, stores] = await Promise.all([tiersOf(audience), ok(api.GET("/stores"))]);
      return { tiers, stores: stores.stores.filter((it) => it.audience_id === audience) };
    },
  );
  return (
    <Loaded of={found} retry={() => void refetch()}>
      {(shown) => (
        <>
          <p>{t("tiers.what")}</p>
          <TiersForm audience={props.audience} tiers={shown().tiers} stores={shown().stores} />
        </>
      )}
    </Loaded>
  );
}

function TiersForm(props: { audience: string; tiers: Tiers; stores: Store[] }): JSX.Element {
  const draftsOf = (tiers: Tiers): Draft[] => tiers.tiers.map((it) => draftOf(it, props.stores));
  const [drafts, setDrafts] = createStore(draftsOf(props.tiers));
  const [version, setVersion] = createSignal(props.tiers.version);
  const [saved, setSaved] = createSignal<string>();
  const mayChange = may("marketer");
  const save = action(async () => {
    const params = { path: { audience: props.audience }, header: { "If-Match": `"${version()}"` } };
    const now = await ok(api.PUT("/audiences/{audience}/tiers", { params, body: { tiers: drafts.map(tierOf) } }));
    setVersion(now.version);
    setDrafts(draftsOf(now));
    setSaved(JSON.stringify(drafts));
  });
  const change = (place: number, changed: Partial<Draft>): void => setDrafts(place, changed);
  const raise = (place: number): void =>
    setDrafts((all) => all.map((it, at) => (at === place - 1 ? all[place]! : at === place ? all[place - 1]! : it)));
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void save.run();
      }}
    >
      <fieldset class="inner" disabled={!mayChange}>
        <legend class="unseen">{t("rewards.tiers")}</legend>
        <Show when={!drafts.length}>
          <p class="muted">{t("tiers.none")}</p>
        </Show>
        <Index each={drafts}>
          {(draft, place) => (
            <div class="part" role="group" aria-label={t("tiers.tier", { number: place + 1 })}>
              <One draft={draft()} number={place + 1} stores={props.stores} onChange={(changed) => change(place, changed)} />
              <button type="button" class="quiet" disabled={place === 0} aria-label={t("tiers.raise", { number: place + 1 })} onClick={() => raise(place)}>
                ↑
              </button>
              <button
                type="button"
                class="quiet"
                aria-label={t("tiers.drop", { number: place + 1 })}
                onClick={() => setDrafts((all) => all.filter((_, at) => at !== place))}
              >
                ×
              </button>
            </div>
          )}
        </Index>
      </fieldset>
      <Show when={mayChange}>
        <p role="status">{saved() === JSON.stringify(drafts) ? t("tiers.saved") : ""}</p>
        <Fault of={save.fault()} />
        <div class="row">
          <button type="submit" class="primary" disabled={save.busy()}>
            {t("rewards.save")}
          </button>
          <button type="button" disabled={drafts.length >= MOST} onClick={() => setDrafts((all) => [...all, draftOf(undefined, props.stores)])}>
            {t("tiers.add")}
          </button>
        </div>
      </Show>
    </form>
  );
}

function One(props: { draft: Draft; number: number; stores: Store[]; onChange: (changed: Partial<Draft>) => void }): JSX.Element {
  const benefits = createUniqueId();
  const currency = (): string => props.stores.find((it) => it.id === props.draft.store)?.currency ?? "";
  return (
    <div class="choices roomy">
      <Field
        label={`${t("tiers.tier", { number: props.number })}: ${t("tiers.name")}`}
        input={{ required: true, maxlength: 100, value: props.draft.name, onInput: (it) => props.onChange({ name: it.currentTarget.value }) }}
      />
      <Select
        label={t("tiers.needs")}
        value={props.draft.kind}
        options={[
          { value: "score", label: t("tiers.score") },
          { value: "spent", label: t("tiers.spent"), disabled: !props.stores.length },
        ]}
        onChange={(kind) => props.onChange({ kind })}
      />
      <Show
        when={props.draft.kind === "spent"}
        fallback={
          <Field
            label={t("automations.points")}
            input={{
              type: "number",
              min: 1,
              max: MOST_POINTS,
              required: true,
              value: props.draft.points,
              onInput: (it) => props.onChange({ points: it.currentTarget.value }),
            }}
          />
        }
      >
        <Show when={props.stores.length > 1}>
          <Select
            label={t("automations.store")}
            value={props.draft.store}
            options={props.stores.map((it) => ({ value: it.id, label: it.name }))}
            onChange={(store) => props.onChange({ store })}
          />
        </Show>
        <Select
          label={t("automations.frame")}
          value={props.draft.frame}
          options={FRAMES.map((value) => ({ value, label: t(`frame.${value}`) }))}
          onChange={(frame) => props.onChange({ frame })}
        />
        <Field
          label={t("tiers.amount", { currency: currency() })}
          input={{
            inputmode: "decimal",
            pattern: "[0-9]+(\\.[0-9]+)?",
            required: true,
            value: props.draft.amount,
            onInput: (it) => props.onChange({ amount: it.currentTarget.value }),
          }}
        />
      </Show>
      <div class="field">
        <label for={benefits}>{t("tiers.benefits")}</label>
        <textarea id={benefits} rows="2" value={props.draft.benefits} onInput={(it) => props.onChange({ benefits: it.currentTarget.value })} />
      </div>
    </div>
  );
}

function draftOf(tier: Schemas["Tier"] | undefined, stores: Store[]): Draft {
  return {
    id: tier?.id ?? null,
    name: tier?.name ?? "",
    benefits: (tier?.benefits ?? []).join("\n"),
    kind: tier?.needs.kind ?? "score",
    points: String(tier?.needs.points ?? 100),
    store: tier?.needs.store ?? stores[0]?.id ?? "",
    frame: tier?.needs.time_frame ?? "all_time",
    amount: tier?.needs.amount ?? "",
  };
}

function tierOf(draft: Draft): Schemas["TierIn"] {
  return {
    ...(draft.id ? { id: draft.id } : {}),
    name: draft.name.trim(),
    benefits: draft.benefits.split("\n").map((it) => it.trim()).filter(Boolean),
    needs:
      draft.kind === "score"
        ? { kind: "score", points: Number(draft.points) }
        : { kind: "spent", store: draft.store, time_frame: draft.frame, amount: draft.amount.trim() },
  };
}
