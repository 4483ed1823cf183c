import { useParams } from "@solidjs/router";
import { createResource, createSignal, For, Match, Show, Switch, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t, type Key } from "../i18n";
import { day, moment, money, whole } from "../i18n/format";
import { may } from "../session";
import { Failed, Loading } from "../ui/states";
import { Compose } from "./compose";

type Entry = Schemas["Timeline"]["entries"][number];

const METRICS: Schemas["Metric"][] = ["total_spent", "orders_count", "average_order_value"];
const PAGE = 30;

/** One contact: figures and ranks in every store, and what happened. */
export default function Contact(): JSX.Element {
  const params = useParams<{ audience: string; contact: string }>();
  const path = (): { audience: string; contact: string } => ({ audience: params.audience, contact: params.contact });
  const [contact, { refetch }] = createResource(path, (path) =>
    ok(api.GET("/audiences/{audience}/contacts/{contact}", { params: { path } })),
  );
  const [writing, setWriting] = createSignal(false);
  return (
    <Switch>
      <Match when={contact.error}>
        <Failed error={contact.error} retry={() => void refetch()} />
      </Match>
      <Match when={contact()}>
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
            <div class="cards">
              <For each={shown().stores}>{(figures) => <StoreCard figures={figures} />}</For>
            </div>
            <Timeline path={path()} />
          </>
        )}
      </Match>
      <Match when={contact.loading}>
        <Loading />
      </Match>
    </Switch>
  );
}

function Heading(props: { contact: Schemas["Contact"] }): JSX.Element {
  const name = (): string =>
    [props.contact.first_name, props.contact.last_name].filter(Boolean).join(" ") || props.contact.email;
  return (
    <header class="profile">
      <h1>{name()}</h1>
      <p class="muted">{props.contact.email}</p>
      <dl class="facts">
        <div>
          <dt>{t("contact.consent")}</dt>
          <dd>{t(`consent.${props.contact.status}` as Key)}</dd>
        </div>
        <div>
          <dt>{t("contact.score")}</dt>
          <dd>{props.contact.score === null ? t("contact.noScore") : whole(props.contact.score)}</dd>
        </div>
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

function StoreCard(props: { figures: Schemas["StoreFigures"] }): JSX.Element {
  return (
    <section class="card">
      <h2>{props.figures.name}</h2>
      <Show when={props.figures.figures} fallback={<p class="muted">{t("contact.noPurchases")}</p>}>
        {(figures) => (
          <dl class="figures">
            <For each={METRICS}>
              {(metric) => (
                <div>
                  <dt>{t(`metric.${metric}` as Key)}</dt>
                  <dd>
                    {metric === "orders_count"
                      ? whole(figures().orders_count)
                      : money(figures()[metric], figures().currency)}
                    <Show when={props.figures.ranks[metric]}>
                      {(rank) => <span class="muted"> {t("contact.rank", { rank: rank() })}</span>}
                    </Show>
                  </dd>
                </div>
              )}
            </For>
          </dl>
        )}
      </Show>
    </section>
  );
}

function Timeline(props: { path: { audience: string; contact: string } }): JSX.Element {
  const [cursor, setCursor] = createSignal<string>();
  const [older, setOlder] = createSignal<Entry[]>([]);
  const [page] = createResource(
    () => ({ path: props.path, query: { limit: PAGE, ...(cursor() ? { cursor: cursor()! } : {}) } }),
    (params) => ok(api.GET("/audiences/{audience}/contacts/{contact}/timeline", { params })),
  );
  return (
    <section class="card">
      <h2>{t("timeline.title")}</h2>
      <Show when={page.error}>
        <Failed error={page.error} />
      </Show>
      <Show when={page.latest}>
        {(shown) => (
          <>
            <ol class="timeline">
              <For each={[...older(), ...shown().entries]}>
                {(entry) => (
                  <li>
                    <time datetime={entry.at}>{moment(entry.at)}</time>
                    <span>{told(entry)}</span>
                  </li>
                )}
              </For>
            </ol>
            <Show when={shown().next_cursor}>
              {(next) => (
                <button
                  type="button"
                  onClick={() => {
                    setOlder([...older(), ...shown().entries]);
                    setCursor(next());
                  }}
                >
                  {t("timeline.more")}
                </button>
              )}
            </Show>
          </>
        )}
      </Show>
    </section>
  );
}

function told(entry: Entry): string {
  switch (entry.kind) {
    case "order": {
      const order = entry.order;
      return t("timeline.order", {
        number: order.number ?? order.order_id,
        total: money(order.total, order.currency),
        refunded: Number(order.refunded) > 0 ? money(order.refunded, order.currency) : "none",
        status: order.status,
      });
    }
    case "activity":
      return t("timeline.activity", { name: entry.activity.name, machine: entry.activity.machine ? "yes" : "no" });
    case "message":
      return t("timeline.message", { subject: entry.message.subject, state: t(`messageState.${entry.message.state}`) });
    case "score": {
      const { before, after, given } = entry.score;
      return t("timeline.score", { given, before: before ?? 0, after: after ?? 0 });
    }
  }
}
