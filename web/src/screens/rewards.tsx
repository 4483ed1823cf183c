import { A } from "@solidjs/router";
import { createResource, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { money, whole } from "../i18n/format";
import { may } from "../session";
import { WithAudience } from "../ui/audience";
import { Loaded } from "../ui/loaded";
import { Empty } from "../ui/states";
import { thingsOf, type Things } from "./automation-things";
import { RewardTabs } from "./reward-tabs";
import { benefitSays, whoSays } from "./reward-words";

type Programme = Schemas["Programme"];

/** Who gets what in an audience. */
export default function Rewards(): JSX.Element {
  return (
    <>
      <h1>{t("rewards.title")}</h1>
      <RewardTabs />
      <WithAudience>{(audience) => <ProgrammesOf audience={audience().id} />}</WithAudience>
    </>
  );
}

/** Reads an audience's tiers. */
export function tiersOf(audience: string): Promise<Schemas["Tiers"]> {
  return ok(api.GET("/audiences/{audience}/tiers", { params: { path: { audience } } }));
}

/** What rewards name, and who they are for. */
export interface Found {
  things: Things;
  tiers: Schemas["Tier"][];
}

/** Reads an audience's programmes and what goes with them. */
export async function rewardsOf(audience: string): Promise<Found> {
  const [things, { tiers }] = await Promise.all([thingsOf(audience), tiersOf(audience)]);
  return { things, tiers };
}

function ProgrammesOf(props: { audience: string }): JSX.Element {
  const [found, { refetch }] = createResource(() => props.audience, rewardsOf);
  return (
    <>
      <Show when={may("marketer")}>
        <p>
          <A class="button primary" href={`/rewards/new?audience=${props.audience}`}>
            {t("rewards.new")}
          </A>
        </p>
      </Show>
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <Show
            when={shown().things.programmes.length}
            fallback={
              <Empty title={t("rewards.none")}>
                <p>{t("rewards.noneWhat")}</p>
              </Empty>
            }
          >
            <ul class="cards plain">
              <For each={shown().things.programmes}>
                {(it) => (
                  <li class="card">
                    <div class="card-head">
                      <h2>
                        <A href={`/rewards/${it.id}?audience=${props.audience}`}>
                          <bdi>{it.name}</bdi>
                        </A>
                      </h2>
                      <span class={`tag ${it.state === "active" ? "" : "off"}`}>{t(`programmeState.${it.state}`)}</span>
                    </div>
                    <p>{whoSays(it.who, it.store, shown().things.stores, shown().tiers)}</p>
                    <p>{benefitSays(it.benefit, it.currency)}</p>
                    <ProgrammeTally shown={it} />
                  </li>
                )}
              </For>
            </ul>
          </Show>
        )}
      </Loaded>
    </>
  );
}

/** What a programme has come to. */
export function ProgrammeTally(props: { shown: Programme }): JSX.Element {
  const tally = (): Schemas["Tally"] => props.shown.tally;
  const most = (): number | null => props.shown.budget.awards;
  return (
    <dl class="figures">
      <div>
        <dt>{t("rewards.given")}</dt>
        <dd>{most() === null ? whole(tally().awards) : t("rewards.ofMost", { count: tally().awards, most: most()! })}</dd>
      </div>
      <Show when={props.shown.currency && Number(tally().value)}>
        <div>
          <dt>{t("rewards.value")}</dt>
          <dd>{money(tally().value!, props.shown.currency!)}</dd>
        </div>
      </Show>
      <Show when={props.shown.hold_out || tally().held_out}>
        <div>
          <dt>{t("rewards.heldOut")}</dt>
          <dd>{whole(tally().held_out)}</dd>
        </div>
      </Show>
      <Show when={tally().coupons_left !== null}>
        <div>
          <dt>{t("rewards.left")}</dt>
          <dd>{whole(tally().coupons_left!)}</dd>
        </div>
      </Show>
    </dl>
  );
}
