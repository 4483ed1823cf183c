import { createResource, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { calendarDay, percent, whole } from "../i18n/format";
import { MailTabs } from "./mail-tabs";
import { Suppressions } from "./suppressions";
import { Loaded } from "../ui/loaded";

type Deliverability = Schemas["Deliverability"];

const COUNTS = ["sent", "delivered", "opened", "clicked", "bounced", "complained"] as const;

/** How the account's mail fares, and whom it does not write to. */
export default function DeliverabilityPage(): JSX.Element {
  const [found, { refetch }] = createResource(() => ok(api.GET("/deliverability")));
  return (
    <>
      <h1>{t("mail.title")}</h1>
      <MailTabs />
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <>
            <Standing shown={shown()} />
            <Days shown={shown()} />
          </>
        )}
      </Loaded>
      <Suppressions />
    </>
  );
}

function Standing(props: { shown: Deliverability }): JSX.Element {
  const rate = (value: number | null): string => (value === null ? t("deliverability.noRate") : percent(value));
  return (
    <section class="card">
      <div class="card-head">
        <h2>{t("deliverability.standing")}</h2>
        <span class={`tag ${props.shown.state}`}>{t(`standing.${props.shown.state}`)}</span>
      </div>
      <p>{t(`standingWhat.${props.shown.state}`)}</p>
      <Show when={props.shown.why.length}>
        <ul>
          <For each={props.shown.why}>{(why) => <li>{t(`concern.${why}`)}</li>}</For>
        </ul>
      </Show>
      <div class="scroll inner" tabindex="0" role="region" aria-label={t("deliverability.standing")}>
        <table class="plain-table">
          <caption class="unseen">{t("deliverability.standing")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("deliverability.last", { days: props.shown.window_days })}</th>
              <th scope="col" class="number">
                {t("deliverability.share")}
              </th>
              <th scope="col" class="number">
                {t("deliverability.warning")}
              </th>
              <th scope="col" class="number">
                {t("deliverability.stop")}
              </th>
            </tr>
          </thead>
          <tbody>
            <For
              each={[
                { name: t("count.bounced"), rate: props.shown.bounce_rate, limits: props.shown.limits.bounces },
                { name: t("count.complained"), rate: props.shown.complaint_rate, limits: props.shown.limits.complaints },
              ]}
            >
              {(line) => (
                <tr>
                  <th scope="row">{line.name}</th>
                  <td class="number ranked">{rate(line.rate)}</td>
                  <td class="number">{percent(line.limits.warning.rate)}</td>
                  <td class="number">{percent(line.limits.stop.rate)}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
      <dl class="facts">
        <For each={["month", "day"] as const}>
          {(span) => (
            <div>
              <dt>{t(`allowance.${span}`)}</dt>
              <dd>
                {t("allowance.used", { used: props.shown.allowance[span].used, limit: props.shown.allowance[span].limit })}
              </dd>
            </div>
          )}
        </For>
      </dl>
    </section>
  );
}

function Days(props: { shown: Deliverability }): JSX.Element {
  const most = (): number => Math.max(1, ...props.shown.days.map((day) => day.sent));
  return (
    <section class="card">
      <h2>{t("deliverability.days")}</h2>
      <Show when={props.shown.days.length} fallback={<p class="muted">{t("deliverability.none")}</p>}>
        <div class="scroll inner" tabindex="0" role="region" aria-label={t("deliverability.days")}>
          <table class="plain-table">
            <thead>
              <tr>
                <th scope="col">{t("deliverability.day")}</th>
                <For each={COUNTS}>
                  {(count) => (
                    <th scope="col" class="number">
                      {t(`count.${count}`)}
                    </th>
                  )}
                </For>
              </tr>
            </thead>
            <tbody>
              <For each={props.shown.days.toReversed()}>
                {(day) => (
                  <tr>
                    <th scope="row">
                      {calendarDay(day.day)}
                      <span class="share">
                        <span style={{ width: `${(day.sent / most()) * 100}%` }} />
                      </span>
                    </th>
                    <For each={COUNTS}>{(count) => <td class="number">{whole(day[count])}</td>}</For>
                  </tr>
                )}
              </For>
              <tr class="sum">
                <th scope="row">{t("deliverability.all")}</th>
                <For each={COUNTS}>{(count) => <td class="number">{whole(props.shown.totals[count])}</td>}</For>
              </tr>
            </tbody>
          </table>
        </div>
      </Show>
    </section>
  );
}
