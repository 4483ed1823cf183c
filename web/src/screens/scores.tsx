import { A, useSearchParams } from "@solidjs/router";
import { createMemo, createResource, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { moment, whole } from "../i18n/format";
import { action } from "../ui/action";
import { WithAudience } from "../ui/audience";
import { downloadCsv } from "../ui/download";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";
import { Pager } from "../ui/pager";
import { turns } from "../ui/pages";
import { Select } from "../ui/select";
import { Empty } from "../ui/states";
import { ScoreTabs } from "./score-tabs";

type Consent = Schemas["ConsentStatus"];

const STATUSES: Consent[] = ["subscribed", "unsubscribed", "non_subscribed", "pending", "cleaned"];
const PAGE = 50;

/** Contacts by score, and how the scores are spread. */
export default function Scores(): JSX.Element {
  return (
    <>
      <h1>{t("scores.title")}</h1>
      <ScoreTabs />
      <WithAudience>
        {(audience) => (
          <>
            <Spread audience={audience().id} />
            <Search audience={audience().id} />
          </>
        )}
      </WithAudience>
    </>
  );
}

function Spread(props: { audience: string }): JSX.Element {
  const [found, { refetch }] = createResource(
    () => props.audience,
    (audience) => ok(api.GET("/audiences/{audience}/scores/distribution", { params: { path: { audience } } })),
  );
  return (
    <section class="card">
      <h2>{t("scores.spread")}</h2>
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <Show when={shown().contacts} fallback={<p class="muted">{t("scores.none")}</p>}>
            <dl class="facts">
              <Fact name={t("scores.contacts")} value={whole(shown().contacts)} />
              <Fact name={t("scores.total")} value={whole(shown().total)} />
              <Fact name={t("scores.median")} value={whole(shown().median ?? 0)} />
              <Fact name={t("scores.highest")} value={whole(shown().highest ?? 0)} />
            </dl>
            <Histogram bins={shown().histogram} />
            <p class="hint">{t("scores.asOf", { at: moment(shown().as_of), live: shown().live ? "yes" : "no" })}</p>
          </Show>
        )}
      </Loaded>
    </section>
  );
}

function Fact(props: { name: string; value: string }): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}

/** Bars that are a table, too: each bin's figures can be read. */
function Histogram(props: { bins: Schemas["Bin"][] }): JSX.Element {
  const filled = (): Schemas["Bin"][] => {
    const last = props.bins.findLastIndex((bin) => bin.contacts > 0);
    return props.bins.slice(0, last + 1);
  };
  const most = (): number => Math.max(...props.bins.map((bin) => bin.contacts), 1);
  return (
    <table class="bars">
      <caption class="unseen">{t("scores.spread")}</caption>
      <tbody>
        <For each={filled()}>
          {(bin) => (
            <tr>
              <th scope="row">{bin.from === bin.to ? whole(bin.from) : `${whole(bin.from)} – ${whole(bin.to)}`}</th>
              <td>
                <span class="share">
                  <span style={{ width: `${(bin.contacts / most()) * 100}%` }} />
                </span>
              </td>
              <td class="number">{whole(bin.contacts)}</td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  );
}

function Search(props: { audience: string }): JSX.Element {
  const [search, setSearch] = useSearchParams<Record<"least" | "most" | "tag" | "status" | "order" | "page", string>>();
  const pages = turns(() => search.page, (page) => setSearch({ page }));
  const order = (): "asc" | "desc" => (search.order === "asc" ? "asc" : "desc");
  const filters = createMemo(() => ({
    ...number("at_least", search.least),
    ...number("at_most", search.most),
    ...(search.tag ? { tag: search.tag } : {}),
    ...(search.status ? { status: search.status as Consent } : {}),
  }));
  const asked = createMemo(() => ({
    path: { audience: props.audience },
    query: { limit: PAGE, order: order(), ...filters(), ...(search.page ? { cursor: search.page } : {}) },
  }));
  const [found, { refetch }] = createResource(asked, (params) => ok(api.GET("/audiences/{audience}/scores", { params })));
  const choose = (changes: Record<string, string | undefined>): void => setSearch({ page: undefined, ...changes });
  const download = action(async () => {
    const asked = { order: order(), ...filters() };
    const texts = Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, String(value)]));
    await downloadCsv(`/audiences/${props.audience}/scores`, texts, `${t("scores.title")}.csv`);
  });
  return (
    <section class="card">
      <h2>{t("scores.search")}</h2>
      <form class="choices" onSubmit={(event) => event.preventDefault()}>
        <Field
          label={t("scores.least")}
          input={{ type: "number", min: 0, value: search.least ?? "", onChange: (it) => choose({ least: it.currentTarget.value || undefined }) }}
        />
        <Field
          label={t("scores.most")}
          input={{ type: "number", min: 0, value: search.most ?? "", onChange: (it) => choose({ most: it.currentTarget.value || undefined }) }}
        />
        <Field
          label={t("scores.tag")}
          input={{ value: search.tag ?? "", maxlength: 50, onChange: (it) => choose({ tag: it.currentTarget.value.trim() || undefined }) }}
        />
        <Select
          label={t("contact.consent")}
          value={search.status ?? ""}
          options={[
            { value: "", label: t("scores.anyStatus") },
            ...STATUSES.map((value) => ({ value: value as string, label: t(`consent.${value}`) })),
          ]}
          onChange={(status) => choose({ status: status || undefined })}
        />
        <Select
          label={t("scores.order")}
          value={order()}
          options={[
            { value: "desc", label: t("scores.highestFirst") },
            { value: "asc", label: t("scores.lowestFirst") },
          ]}
          onChange={(wanted) => choose({ order: wanted })}
        />
      </form>
      <p>
        <button type="button" disabled={download.busy()} onClick={() => void download.run()}>
          {t("leaderboard.csv")}
        </button>
      </p>
      <Fault of={download.fault()} />
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <div aria-busy={found.loading} class={found.loading ? "stale" : ""}>
            <Show when={shown().rows.length} fallback={<Empty title={t("scores.nobody")} />}>
              <table class="plain-table of-names">
                <thead>
                  <tr>
                    <th scope="col">{t("column.customer")}</th>
                    <th scope="col">{t("contact.consent")}</th>
                    <th scope="col" class="number">
                      {t("contact.score")}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  <For each={shown().rows}>
                    {(row) => (
                      <tr>
                        <th scope="row">
                          <A class="who" href={`/audiences/${props.audience}/contacts/${row.contact}`}>
                            <bdi>{[row.first_name, row.last_name].filter(Boolean).join(" ") || row.email}</bdi>
                          </A>
                        </th>
                        <td>{t(`consent.${row.status}`)}</td>
                        <td class="number ranked">{row.score === null ? t("contact.noScore") : whole(row.score)}</td>
                      </tr>
                    )}
                  </For>
                </tbody>
              </table>
              <Show when={search.page || shown().next_cursor}>
                <Pager turns={pages} next={shown().next_cursor} />
              </Show>
            </Show>
          </div>
        )}
      </Loaded>
    </section>
  );
}

function number<K extends string>(name: K, text: string | undefined): Partial<Record<K, number>> {
  const value = Number(text);
  return (text && Number.isInteger(value) ? { [name]: value } : {}) as Partial<Record<K, number>>;
}
