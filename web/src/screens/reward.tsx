import { A, useNavigate, useParams, useSearchParams } from "@solidjs/router";
import { createResource, createSignal, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { action } from "../ui/action";
import { Confirm } from "../ui/confirm";
import { Dialog } from "../ui/dialog";
import { Fault } from "../ui/fault";
import { known, Loaded } from "../ui/loaded";
import { Empty } from "../ui/states";
import type { Things } from "./automation-things";
import { Awards } from "./reward-awards";
import { Coupons } from "./reward-coupons";
import { paramsOf } from "./reward-draft";
import { RewardForm } from "./reward-form";
import { Lift } from "./reward-lift";
import { benefitSays, whoSays } from "./reward-words";
import { ProgrammeTally, rewardsOf } from "./rewards";

type Programme = Schemas["Programme"];

const NEW = "new";

/** One programme: what it gives, its codes, who got it, and what that brought. */
export default function Reward(): JSX.Element {
  const params = useParams<{ programme: string }>();
  const [search] = useSearchParams<Record<"audience", string>>();
  const go = useNavigate();
  const audience = (): string => search.audience ?? "";
  const [found, { mutate, refetch }] = createResource(audience, rewardsOf);
  const readAgain = (): void => void refetch();
  const [edited, setEdited] = createSignal(false);
  const kept = (): Programme | undefined => known(found)?.things.programmes.find((it) => it.id === params.programme);
  const changed = (it: Programme): void => {
    mutate((read) => {
      if (!read) return read;
      const others = read.things.programmes.filter((other) => other.id !== it.id);
      return { ...read, things: { ...read.things, programmes: [...others, it] } };
    });
  };
  const saved = (it: Programme): void => {
    setEdited(false);
    changed(it);
    go(`/rewards/${it.id}?audience=${audience()}`, { replace: true });
  };
  return (
    <>
      <p class="trail">
        <A href={`/rewards?audience=${audience()}`}>{t("rewards.title")}</A>
      </p>
      <h1>
        <bdi>{params.programme === NEW ? t("rewards.new") : (kept()?.name ?? "…")}</bdi>
      </h1>
      <Loaded of={found} retry={readAgain}>
        {(read) => (
          <Show
            when={params.programme !== NEW}
            fallback={<RewardForm audience={audience()} kept={undefined} things={read().things} tiers={read().tiers} onSaved={saved} />}
          >
            <Show when={kept()} fallback={<Empty title={t("rewards.notThere")} />}>
              {(it) => (
                <>
                  <About
                    audience={audience()}
                    shown={it()}
                    things={read().things}
                    tiers={read().tiers}
                    onChange={changed}
                    onEdit={() => setEdited(true)}
                  />
                  <Show when={it().coupon.source === "pool" || it().coupon.source === "generated"}>
                    <Coupons audience={audience()} programme={it()} onChange={readAgain} />
                  </Show>
                  <Awards audience={audience()} programme={it()} onChange={readAgain} />
                  <Show when={it().hold_out || it().tally.held_out}>
                    <Lift audience={audience()} programme={it().id} />
                  </Show>
                  <Dialog open={edited()} title={t("rewards.change")} onClose={() => setEdited(false)}>
                    <RewardForm audience={audience()} kept={it()} things={read().things} tiers={read().tiers} onSaved={saved} />
                  </Dialog>
                </>
              )}
            </Show>
          </Show>
        )}
      </Loaded>
    </>
  );
}

function About(props: {
  audience: string;
  shown: Programme;
  things: Things;
  tiers: Schemas["Tier"][];
  onChange: (now: Programme) => void;
  onEdit: () => void;
}): JSX.Element {
  const turn = async (state: Schemas["ProgrammeState"]): Promise<void> => {
    const params = paramsOf(props.audience, props.shown);
    props.onChange(await ok(api.PATCH("/audiences/{audience}/programmes/{programme}", { params, body: { state } })));
  };
  const pause = action(() => turn(props.shown.state === "active" ? "paused" : "active"));
  return (
    <section class="card">
      <div class="card-head">
        <p>
          {whoSays(props.shown.who, props.shown.store, props.things.stores, props.tiers)}
          <br />
          <strong>{benefitSays(props.shown.benefit, props.shown.currency)}</strong>
        </p>
        <span class={`tag ${props.shown.state === "active" ? "" : "off"}`}>{t(`programmeState.${props.shown.state}`)}</span>
      </div>
      <ProgrammeTally shown={props.shown} />
      <Show when={may("marketer") && props.shown.state !== "ended"}>
        <Fault of={pause.fault()} />
        <div class="row">
          <button type="button" onClick={props.onEdit}>
            {t("rewards.change")}
          </button>
          <button type="button" disabled={pause.busy()} onClick={() => void pause.run()}>
            {t(props.shown.state === "active" ? "automations.pause" : "rewards.resume")}
          </button>
          <Confirm
            label={t("rewards.end")}
            title={t("rewards.endTitle", { name: props.shown.name })}
            what={t("rewards.endWhat")}
            now={t("rewards.end")}
            perform={() => turn("ended")}
          />
        </div>
      </Show>
    </section>
  );
}
