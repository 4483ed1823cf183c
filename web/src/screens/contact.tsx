import { useParams, useSearchParams } from "@solidjs/router";
import { createResource, createSignal, For, lazy, Show, Suspense, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { day, listed, whole } from "../i18n/format";
import { may } from "../session";
import { Loaded } from "../ui/loaded";
import { Rebuilding } from "../ui/rebuilding";
import { Select } from "../ui/select";
import { Compose } from "./compose";
import { ContactAwards } from "./contact-awards";
import { Privacy } from "./contact-privacy";
import { Months } from "./contact-months";
import { Score } from "./contact-score";
import { Timeline } from "./contact-timeline";
import { FRAMES } from "./frames";
import { METRICS, valueOf } from "./metrics";

const RankExplanation = lazy(() => import("./rank-explanation"));

const MONTHS = 12;

const bought = (figures: Schemas["StoreFigures"]): boolean => figures.months.some((it) => it.orders_count > 0);

/** A store that knows of purchases, or is finding out. */
const tells = (figures: Schemas["StoreFigures"]): boolean => figures.figures !== null || figures.rebuilding;

/** One contact: figures and ranks in every store, and what happened. */
export default function Contact(): JSX.Element {
  const params = useParams<{ audience: string; contact: string }>();
  const path = (): { audience: string; contact: string } => ({ audience: params.audience, contact: params.contact });
  const [search, setSearch] = useSearchParams<Record<"in", string>>();
  const frame = (): Schemas["TimeFrame"] => FRAMES.find((it) => it === search.in) ?? "all_time";
  const [contact, { refetch }] = createResource(
    () => ({ path: path(), query: { time_frame: frame(), months: MONTHS } }),
    (params) => ok(api.GET("/audiences/{audience}/contacts/{contact}", { params })),
  );
  const [writing, setWriting] = createSignal(false);
  return (
    <Loaded of={contact} retry={() => void refetch()}>
      {(shown) => (
        <>
          <Heading contact={shown()} />
          <Show when={may("marketer")}>
            <p>
              <button type="button" class="primary" onClick={() => setWriting(true)}>
                {t("compose.open")}
              </button>
            </p>
            <Compose path={path()} name={shown().first_name ?? shown().email} open={writing()} onClose={() => setWriting(false)} />
          </Show>
          <div class="choices narrow-choice">
            <Select
              label={t("leaderboard.timeFrame")}
              value={frame()}
              options={FRAMES.map((it) => ({ value: it, label: t(`frame.${it}`) }))}
              onChange={(wanted) => setSearch({ in: wanted === "all_time" ? undefined : wanted })}
            />
          </div>
          <div class="cards" aria-busy={contact.loading}>
            <For each={shown().stores.filter(tells)}>{(figures) => <StoreCard figures={figures} contact={shown()} path={path()} frame={frame()} />}</For>
          </div>
          <Show when={!shown().stores.every(tells)}>
            <p class="muted wrap">
              {t("contact.noPurchasesAt", { stores: listed(shown().stores.flatMap((it) => (tells(it) ? [] : [it.name]))) })}
            </p>
          </Show>
          <For each={shown().stores.filter(bought)}>
            {(it) => (
              <section class="card">
                <h2>
                  {t("months.title", { months: MONTHS })} · <bdi>{it.name}</bdi>
                </h2>
                <Months months={it.months} />
              </section>
            )}
          </For>
          <Score path={path()} onChange={() => void refetch()} />
          <ContactAwards path={path()} />
          <Timeline path={path()} onChange={() => void refetch()} />
          <Show when={may("owner")}>
            <Privacy path={path()} email={shown().email} />
          </Show>
        </>
      )}
    </Loaded>
  );
}

const nameOf = (contact: Schemas["Contact"]): string =>
  [contact.first_name, contact.last_name].filter(Boolean).join(" ") || contact.email;

function Heading(props: { contact: Schemas["Contact"] }): JSX.Element {
  return (
    <header class="profile">
      <h1>
        <bdi>{nameOf(props.contact)}</bdi>
      </h1>
      <p class="muted">{props.contact.email}</p>
      <dl class="facts">
        <div>
          <dt>{t("contact.consent")}</dt>
          <dd>{t(`consent.${props.contact.status}`)}</dd>
        </div>
        <div>
          <dt>{t("contact.score")}</dt>
          <dd>{props.contact.score === null ? t("contact.noScore") : whole(props.contact.score)}</dd>
        </div>
        <Show when={props.contact.tier}>
          {(tier) => (
            <div>
              <dt>{t("rewards.tier")}</dt>
              <dd>
                <bdi class="tag tier">{tier().name}</bdi>
                <Show when={tier().benefits.length}>
                  <span class="muted">
                    <For each={tier().benefits}>
                      {(benefit, place) => (
                        <>
                          {place() ? " · " : ""}
                          <bdi>{benefit}</bdi>
                        </>
                      )}
                    </For>
                  </span>
                </Show>
              </dd>
            </div>
          )}
        </Show>
        <div>
          <dt>{t("contact.since")}</dt>
          <dd>{day(props.contact.created_at)}</dd>
        </div>
        <Show when={props.contact.tags.length}>
          <div>
            <dt>{t("contact.tags")}</dt>
            <dd class="tags">
              <For each={props.contact.tags}>{(tag) => <span class="tag">{tag}</span>}</For>
            </dd>
          </div>
        </Show>
      </dl>
    </header>
  );
}

function StoreCard(props: {
  figures: Schemas["StoreFigures"];
  contact: Schemas["Contact"];
  path: { audience: string; contact: string };
  frame: Schemas["TimeFrame"];
}): JSX.Element {
  const [explained, setExplained] = createSignal<Schemas["Metric"]>();
  const rank = (metric: Schemas["Metric"], rank: number): string =>
    props.figures.ranks_exact[metric] ? t("contact.rank", { rank }) : t("contact.rankAbout", { rank });
  return (
    <section class="card">
      <h2>
        <bdi>{props.figures.name}</bdi>
      </h2>
      <Rebuilding of={props.figures} />
      <Show when={props.figures.figures} fallback={<p class="muted">{t("contact.noPurchases")}</p>}>
        {(figures) => (
          <dl class="figures">
            <For each={METRICS}>
              {(metric) => (
                <div>
                  <dt>{t(`metric.${metric}`)}</dt>
                  <dd>
                    {valueOf(metric, figures())}
                    <Show when={props.figures.ranks[metric]}>
                      {(place) => (
                        <span class="muted ranked-at">
                          {rank(metric, place())}
                          <button
                            type="button"
                            class="quiet small"
                            aria-label={`${t("why.title", { name: nameOf(props.contact) })} ${t(`metric.${metric}`)}`}
                            onClick={() => setExplained(metric)}
                          >
                            {t("why.open")}
                          </button>
                        </span>
                      )}
                    </Show>
                  </dd>
                </div>
              )}
            </For>
          </dl>
        )}
      </Show>
      <Suspense>
        <Show when={explained()}>
          {(metric) => (
            <RankExplanation
              of={{
                store: props.figures.store_id,
                audience: props.path.audience,
                customer: props.path.contact,
                name: nameOf(props.contact),
                metric: metric(),
                frame: props.frame,
              }}
              onClose={() => setExplained(undefined)}
            />
          )}
        </Show>
      </Suspense>
    </section>
  );
}
