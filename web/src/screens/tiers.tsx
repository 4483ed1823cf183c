import { createResource, createUniqueId, Index, Show, createSignal, type JSX } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ifMatch, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { action } from "../ui/action";
import { WithAudience } from "../ui/audience";
import { Fault } from "../ui/fault";
import { Count, TextField } from "../ui/field";
import { Loaded } from "../ui/loaded";
import { Select } from "../ui/select";
import { FRAMES } from "./frames";
import { Part, raised } from "./part";
import { RewardTabs } from "./reward-tabs";
import { tiersOf } from "./rewards";
import { AMOUNT, MOST_POINTS, text } from "./typed";

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
    const params = { path: { audience: props.audience }, header: ifMatch(version()) };
    const now = await ok(api.PUT("/audiences/{audience}/tiers", { params, body: { tiers: drafts.map(tierOf) } }));
    setVersion(now.version);
    setDrafts(draftsOf(now));
    setSaved(JSON.stringify(drafts));
  });
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
            <Part
              label={t("tiers.tier", { number: place + 1 })}
              raise={{
                label: t("tiers.raise", { number: place + 1 }),
                disabled: place === 0,
                run: () => setDrafts((all) => raised(all, place)),
              }}
              drop={{
                label: t("tiers.drop", { number: place + 1 }),
                run: () => setDrafts((all) => all.filter((_, at) => at !== place)),
              }}
            >
              <One draft={draft()} number={place + 1} stores={props.stores} onChange={(changed) => setDrafts(place, changed)} />
            </Part>
          )}
        </Index>
      </fieldset>
      <Show when={mayChange}>
        <p role="status">{saved() === JSON.stringify(drafts) ? t("automations.saved") : ""}</p>
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
      <TextField
        label={`${t("tiers.tier", { number: props.number })}: ${t("tiers.name")}`}
        value={props.draft.name}
        set={(name) => props.onChange({ name })}
        input={{ required: true, maxlength: 100 }}
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
          <Count label={t("automations.points")} value={props.draft.points} least={1} most={MOST_POINTS} set={(points) => props.onChange({ points })} />
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
          label={t("leaderboard.timeFrame")}
          value={props.draft.frame}
          options={FRAMES.map((value) => ({ value, label: t(`frame.${value}`) }))}
          onChange={(frame) => props.onChange({ frame })}
        />
        <TextField
          label={t("tiers.amount", { currency: currency() })}
          value={props.draft.amount}
          set={(amount) => props.onChange({ amount })}
          input={{ ...AMOUNT, required: true }}
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
    points: text(tier?.needs.points ?? 100),
    store: tier?.needs.store ?? stores[0]?.id ?? "",
    frame: tier?.needs.time_frame ?? "all_time",
    amount: text(tier?.needs.amount),
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
