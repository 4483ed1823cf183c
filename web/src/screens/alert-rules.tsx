import { createResource, createSignal, Index, Show, type JSX } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ifMatch, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { action } from "../ui/action";
import { WithAudience } from "../ui/audience";
import { Fault } from "../ui/fault";
import { Count } from "../ui/field";
import { Loaded } from "../ui/loaded";
import { Select } from "../ui/select";
import { draftOf, KINDS, rulesOf, type Draft, type StoreDraft } from "./alert-draft";
import { AlertTabs } from "./alert-tabs";
import { METRICS } from "./metrics";
import { MOST_POINTS } from "./typed";

type Rules = Schemas["AlertRules"];

const DIGESTS: Schemas["Digest"][] = ["daily", "weekly", "off"];
const MOST_WATCHED = 1000;

/** What is watched for in an audience and its stores, and how often the team is mailed. */
export default function AlertRules(): JSX.Element {
  return (
    <>
      <h1>{t("alertRules.title")}</h1>
      <AlertTabs />
      <WithAudience>{(audience) => <RulesOf audience={audience().id} />}</WithAudience>
    </>
  );
}

function RulesOf(props: { audience: string }): JSX.Element {
  const [found, { refetch }] = createResource(
    () => props.audience,
    async (audience) => {
      const params = { path: { audience } };
      const [rules, stores] = await Promise.all([
        ok(api.GET("/audiences/{audience}/alert-rules", { params })),
        ok(api.GET("/stores")),
      ]);
      return { audience, rules, names: new Map(stores.stores.map((it) => [it.id, it.name])) };
    },
  );
  return (
    <Loaded of={found} retry={() => void refetch()}>
      {(shown) => <Form {...shown()} />}
    </Loaded>
  );
}

function Form(props: { audience: string; rules: Rules; names: Map<string, string> }): JSX.Element {
  const [draft, setDraft] = createStore<Draft>(draftOf(props.rules));
  const [version, setVersion] = createSignal(props.rules.version);
  const [saved, setSaved] = createSignal(false);
  const save = action(async () => {
    const params = { path: { audience: props.audience }, header: ifMatch(version()) };
    const now = await ok(api.PUT("/audiences/{audience}/alert-rules", { params, body: rulesOf(draft) }));
    setVersion(now.version);
    setSaved(true);
  });
  return (
    <form
      onInput={() => setSaved(false)}
      onSubmit={(event) => {
        event.preventDefault();
        void save.run();
      }}
    >
      <fieldset class="bare" disabled={!may("marketer")}>
        <Index each={draft.stores}>
          {(store, place) => (
            <section class="card below">
              <h2>
                <bdi>{props.names.get(store().id) ?? store().id}</bdi>
              </h2>
              <StoreForm of={store()} set={(changes) => setDraft("stores", place, changes)} />
            </section>
          )}
        </Index>
        <section class="card below">
          <h2>{t("alertRules.audience")}</h2>
          <Watched
            label={t("alertRules.score")}
            on={draft.score.on}
            set={(on) => setDraft("score", "on", on)}
          >
            <Count label={t("alertRules.percent")} value={draft.score.percent} least={10} most={100} optional set={(it) => setDraft("score", "percent", it)} />
            <Count label={t("alertRules.points")} value={draft.score.points} least={1} most={MOST_POINTS} optional set={(it) => setDraft("score", "points", it)} />
          </Watched>
        </section>
        <section class="card below">
          <h2>{t("digest.title")}</h2>
          <div class="narrow-choice">
            <Select
              label={t("digest.often")}
              value={draft.digest}
              options={DIGESTS.map((value) => ({ value, label: t(`digest.${value}`) }))}
              onChange={(digest) => setDraft("digest", digest)}
            />
          </div>
          <p class="hint">{t("digest.what")}</p>
        </section>
        <Fault of={save.fault()} />
        <Show when={may("marketer")}>
          <button type="submit" class="primary" disabled={save.busy()}>
            {saved() ? t("settings.saved") : t("rules.save")}
          </button>
        </Show>
      </fieldset>
    </form>
  );
}

function StoreForm(props: { of: StoreDraft; set: (changes: Partial<StoreDraft>) => void }): JSX.Element {
  const kinds = KINDS.map((value) => ({ value, label: t(`periodKind.${value}`) }));
  return (
    <>
      <fieldset>
        <legend>{t("alertRules.watched")}</legend>
        <div class="choices">
          <Count label={t("alertRules.first")} value={props.of.first} least={1} most={MOST_WATCHED} set={(first) => props.set({ first })} />
          <Select
            label={t("leaderboard.rankBy")}
            value={props.of.metric}
            options={METRICS.map((value) => ({ value, label: t(`metric.${value}`) }))}
            onChange={(metric) => props.set({ metric })}
          />
          <Select label={t("alertRules.closing")} value={props.of.period} options={kinds} onChange={(period) => props.set({ period })} />
        </div>
        <p class="hint">{t("alertRules.watchedWhat")}</p>
      </fieldset>
      <Watched label={t("alertKind.left_first")} on={props.of.left.on} set={(on) => props.set({ left: { ...props.of.left, on } })}>
        <Count
          label={t("alertRules.leftFirst")}
          value={props.of.left.first}
          least={1}
          most={MOST_WATCHED}
          set={(first) => props.set({ left: { ...props.of.left, first } })}
        />
      </Watched>
      <Watched label={t("alertKind.rank_fell")} on={props.of.fell.on} set={(on) => props.set({ fell: { ...props.of.fell, on } })}>
        <Count
          label={t("alertRules.rankFell")}
          value={props.of.fell.ranks}
          least={1}
          most={MOST_WATCHED}
          set={(ranks) => props.set({ fell: { ...props.of.fell, ranks } })}
        />
      </Watched>
      <Watched label={t("alertKind.spend_down")} on={props.of.spend.on} set={(on) => props.set({ spend: { ...props.of.spend, on } })}>
        <Count
          label={t("alertRules.percent")}
          value={props.of.spend.percent}
          least={10}
          most={100}
          set={(percent) => props.set({ spend: { ...props.of.spend, percent } })}
        />
        <Select
          label={t("alertRules.against")}
          value={props.of.spend.period}
          options={kinds}
          onChange={(period) => props.set({ spend: { ...props.of.spend, period } })}
        />
      </Watched>
      <Watched label={t("alertKind.overdue")} hint={t("alertRules.overdueWhat")} on={props.of.overdue} set={(overdue) => props.set({ overdue })} />
    </>
  );
}

/** Something to watch for or not, with what it takes. */
function Watched(props: {
  label: string;
  hint?: string;
  on: boolean;
  set: (on: boolean) => void;
  children?: JSX.Element;
}): JSX.Element {
  return (
    <div class="watched">
      <label class="check">
        <input type="checkbox" checked={props.on} onChange={(event) => props.set(event.currentTarget.checked)} />
        {props.label}
      </label>
      <Show when={props.hint}>
        <p class="hint">{props.hint}</p>
      </Show>
      <Show when={props.on && props.children}>
        <div class="choices roomy">{props.children}</div>
      </Show>
    </div>
  );
}
