import { A } from "@solidjs/router";
import { createResource, createSignal, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { periodName } from "../i18n/format";
import { action } from "../ui/action";
import { Dialog } from "../ui/dialog";
import { Fault } from "../ui/fault";
import { Loaded } from "../ui/loaded";
import { Select } from "../ui/select";
import { AwardOutcome } from "./award-outcome";

type Board = Schemas["Leaderboard"];
type Programme = Schemas["Programme"];

const SIZES = ["3", "10", "25", "50", "100"] as const;

/** Gives a reward to the first of a board as it is shown: one click opens this, and one gives. */
export default function AwardFirst(props: { board: Board; audience: string; first: number; onClose: () => void }): JSX.Element {
  const [found, { refetch }] = createResource(
    () => props.audience,
    async (audience) => {
      const { programmes } = await ok(api.GET("/audiences/{audience}/programmes", { params: { path: { audience } } }));
      return suited(programmes, props.board);
    },
  );
  return (
    <Dialog open title={t("award.title")} onClose={() => props.onClose()}>
      <p class="muted">
        {t("award.what", {
          metric: t(`metric.${props.board.rank_by}`),
          period: periodName(props.board.period.id),
          view: props.board.view,
        })}
      </p>
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <Show
            when={shown().length}
            fallback={
              <>
                <p>{t("award.none")}</p>
                <A class="button primary" href={`/rewards?audience=${props.audience}`}>
                  {t("rewards.title")}
                </A>
              </>
            }
          >
            <Choice programmes={shown()} board={props.board} audience={props.audience} first={props.first} />
          </Show>
        )}
      </Loaded>
    </Dialog>
  );
}

/** Rewards that can be given, those for this very board first, then those that are given by hand. */
function suited(programmes: Programme[], board: Board): Programme[] {
  const fits = ({ who, store }: Programme): number => {
    if (who.kind === "board" && store === board.store.id && who.metric === board.rank_by && who.time_frame === board.time_frame) return 0;
    return who.kind === "hand" ? 1 : 2;
  };
  return programmes.filter((it) => it.state === "active").toSorted((one, other) => fits(one) - fits(other));
}

function Choice(props: { programmes: Programme[]; board: Board; audience: string; first: number }): JSX.Element {
  const [chosen, setChosen] = createSignal(props.programmes[0]!.id);
  const [first, setFirst] = createSignal<string>(String(props.first));
  const [job, setJob] = createSignal<string>();
  const programme = (): Programme => props.programmes.find((it) => it.id === chosen()) ?? props.programmes[0]!;
  const key = crypto.randomUUID();
  const give = action(async () => {
    const { store, rank_by, period, view } = props.board;
    const params = { path: { audience: props.audience, programme: chosen() }, header: { "Idempotency-Key": `${key}-${chosen()}-${first()}` } };
    const board = { store: store.id, rank_by, period: period.id, view, first: Number(first()) };
    const started = await ok(api.POST("/audiences/{audience}/programmes/{programme}/awards", { params, body: { board } }));
    setJob(started.id);
  });
  const left = (it: Programme): string =>
    it.tally.coupons_left === null ? it.name : `${it.name} (${t("award.left", { left: it.tally.coupons_left })})`;
  return (
    <Show when={!job()} fallback={<AwardOutcome audience={props.audience} job={job()!} />}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void give.run();
        }}
      >
        <Select
          label={t("award.programme")}
          value={chosen()}
          options={props.programmes.map((it) => ({ value: it.id, label: left(it) }))}
          onChange={setChosen}
        />
        <Select label={t("coupons.many")} value={first()} options={SIZES.map((value) => ({ value: value as string, label: value }))} onChange={setFirst} />
        <p class="hint">{programme().template ? t("award.mails") : t("award.noMail")}</p>
        <Fault of={give.fault()} />
        <button type="submit" class="primary apart" disabled={give.busy()}>
          {t("award.now")}
        </button>
      </form>
    </Show>
  );
}
