import { A } from "@solidjs/router";
import { For, Show, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { whole } from "../i18n/format";

type Result = Schemas["BackTestResult"];

const SHOWN = 10;

/** Today's scores beside those that the draft would have given. */
export function BackTestResult(props: { audience: string; result: Result }): JSX.Element {
  const bins = (): Schemas["BackTestBin"][] => {
    const last = props.result.histogram.findLastIndex((bin) => bin.today > 0 || bin.draft > 0);
    return props.result.histogram.slice(0, last + 1);
  };
  const most = (): number => Math.max(1, ...bins().flatMap((bin) => [bin.today, bin.draft]));
  return (
    <>
      <p>
        {t("backTest.summary", {
          contacts: props.result.contacts,
          replayed: props.result.replayed,
          days: props.result.days,
        })}
      </p>
      <dl class="facts">
        <For each={["today", "draft"] as const}>
          {(side) => (
            <div>
              <dt>{t(`backTest.${side}`)}</dt>
              <dd>{t("backTest.reached", { reached: props.result[side].reached, threshold: props.result.threshold })}</dd>
              <dd class="muted">{t("backTest.points", { total: props.result[side].total })}</dd>
            </div>
          )}
        </For>
      </dl>
      <h3>{t("scores.spread")}</h3>
      <table class="bars pairs">
        <caption>
          <span class="key today">{t("backTest.today")}</span> <span class="key draft">{t("backTest.draft")}</span>
        </caption>
        <thead class="unseen">
          <tr>
            <th scope="col">{t("contact.score")}</th>
            <th scope="col" />
            <th scope="col">{t("backTest.today")}</th>
            <th scope="col">{t("backTest.draft")}</th>
          </tr>
        </thead>
        <tbody>
          <For each={bins()}>
            {(bin) => (
              <tr>
                <th scope="row">{bin.from === bin.to ? whole(bin.from) : `${whole(bin.from)} – ${whole(bin.to)}`}</th>
                <td>
                  <span class="share today">
                    <span style={{ width: `${(bin.today / most()) * 100}%` }} />
                  </span>
                  <span class="share draft">
                    <span style={{ width: `${(bin.draft / most()) * 100}%` }} />
                  </span>
                </td>
                <td class="number">{whole(bin.today)}</td>
                <td class="number">{whole(bin.draft)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
      <div class="cards">
        <Crossings audience={props.audience} title={t("backTest.rising")} of={props.result.rising} />
        <Crossings audience={props.audience} title={t("backTest.falling")} of={props.result.falling} />
      </div>
      <h3>{t("backTest.byRule")}</h3>
      <table class="plain-table">
        <thead>
          <tr>
            <th scope="col">{t("score.rule")}</th>
            <th scope="col" class="number">
              {t("score.times")}
            </th>
            <th scope="col" class="number">
              {t("scores.contacts")}
            </th>
            <th scope="col" class="number">
              {t("rules.points")}
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.result.rules}>
            {(rule) => (
              <tr>
                <th scope="row" class={rule.rule === props.result.dominant_rule ? "ranked" : ""}>
                  <bdi>{rule.name}</bdi>
                </th>
                <td class="number">{whole(rule.fired)}</td>
                <td class="number">{whole(rule.contacts)}</td>
                <td class="number">{whole(rule.points)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </>
  );
}

function Crossings(props: { audience: string; title: string; of: Schemas["Crossing"] }): JSX.Element {
  const points = (score: number | null): string => (score === null ? t("contact.noScore") : whole(score));
  return (
    <section>
      <h3>
        {props.title}: {whole(props.of.count)}
      </h3>
      <ul class="plain">
        <For each={props.of.contacts.slice(0, SHOWN)}>
          {(it) => (
            <li class="wrap">
              <A href={`/audiences/${props.audience}/contacts/${it.contact}`}>
                <bdi>{it.email}</bdi>
              </A>{" "}
              <span class="muted">
                {points(it.today)} → {points(it.draft)}
              </span>
            </li>
          )}
        </For>
      </ul>
      <Show when={props.of.count > SHOWN}>
        <p class="hint">{t("backTest.more", { count: props.of.count - SHOWN })}</p>
      </Show>
    </section>
  );
}
