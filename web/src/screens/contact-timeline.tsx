import { For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { moment, money } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { Loaded } from "../ui/loaded";
import { More } from "../ui/more";
import { growing } from "../ui/pages";
import { deedOf } from "./deeds";

type Entry = Schemas["Timeline"]["entries"][number];
type Path = { audience: string; contact: string };

const PAGE = 30;

/** What a contact did and was sent, latest first. */
export function Timeline(props: { path: Path; onChange: () => void }): JSX.Element {
  const list = growing(
    () => props.path,
    (path, at) => ok(api.GET("/audiences/{audience}/contacts/{contact}/timeline", { params: { path, query: { limit: PAGE, ...at } } })),
    (page) => page.entries,
  );
  const fromStart = (): void => {
    list.fromStart();
    props.onChange();
  };
  return (
    <section class="card">
      <h2>{t("timeline.title")}</h2>
      <Loaded of={list.read} retry={list.fromStart}>
        {(shown) => (
          <>
            <Show when={shown().entries.length} fallback={<p class="muted">{t("timeline.none")}</p>}>
              <ol class="timeline">
                <For each={shown().entries}>
                  {(entry) => (
                    <li>
                      <time datetime={entry.at}>{moment(entry.at)}</time>
                      <div>
                        <bdi>{told(entry)}</bdi>
                        <Show when={entry.kind === "message" && isPending(entry.message.state) && may("marketer")}>
                          <TakeBack path={props.path} id={entry.id} onDone={fromStart} />
                        </Show>
                        <Show when={entry.kind === "activity" && entry}>
                          {(it) => <Activity entry={it()} path={props.path} onJudged={fromStart} />}
                        </Show>
                      </div>
                    </li>
                  )}
                </For>
              </ol>
            </Show>
            <More of={list} label={t("timeline.more")} />
          </>
        )}
      </Loaded>
    </section>
  );
}

/** What is known of an activity besides its name, and saying that a machine did it. */
function Activity(props: { entry: Schemas["ActivityEntry"]; path: Path; onJudged: () => void }): JSX.Element {
  const known = (): string =>
    Object.entries(props.entry.activity.properties)
      .map(([name, value]) => `${name}: ${String(value)}`)
      .join(", ");
  const judge = action(async () => {
    const params = { path: { ...props.path, activity: props.entry.id } };
    const body = { machine: true as const };
    await ok(api.POST("/audiences/{audience}/contacts/{contact}/activities/{activity}/judgement", { params, body }));
    props.onJudged();
  });
  return (
    <>
      <Show when={known()}>
        <div class="muted">
          <bdi>{known()}</bdi>
        </div>
      </Show>
      <Show
        when={props.entry.activity.machine}
        fallback={
          <Show when={may("marketer")}>
            <button
              type="button"
              class="quiet small"
              disabled={judge.busy()}
              aria-label={`${t("judge.machine")}: ${deedOf(props.entry.activity.name)}, ${moment(props.entry.at)}`}
              onClick={() => void judge.run()}
            >
              {t("judge.machine")}
            </button>
          </Show>
        }
      >
        {(why) => <div class="muted">{t(`machine.${why()}`)}</div>}
      </Show>
      <Fault of={judge.fault()} />
    </>
  );
}

const isPending = (state: Schemas["MessageState"]): boolean => state === "scheduled" || state === "queued";

function TakeBack(props: { path: Path; id: string; onDone: () => void }): JSX.Element {
  const take = action(async () => {
    const params = { path: { ...props.path, message: props.id } };
    await ok(api.DELETE("/audiences/{audience}/contacts/{contact}/messages/{message}", { params }));
    props.onDone();
  });
  return (
    <>
      <button type="button" class="quiet small" disabled={take.busy()} onClick={() => void take.run()}>
        {t("message.takeBack")}
      </button>
      <Fault of={take.fault()} />
    </>
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
      return deedOf(entry.activity.name);
    case "message":
      return t("timeline.message", { subject: entry.message.subject, state: t(`messageState.${entry.message.state}`) });
    case "automation":
      return t("timeline.automation", { name: entry.automation.automation_name, state: t(`runState.${entry.automation.state}`) });
    case "reward": {
      const { programme_name, state, coupon } = entry.reward;
      return t("timeline.reward", { name: programme_name ?? t("automations.gone"), state, coupon: coupon ?? "none" });
    }
    case "score": {
      const { before, after, given, activity, reason } = entry.score;
      return t("timeline.score", { given, before: before ?? 0, after: after ?? 0, why: reason ?? deedOf(activity) });
    }
  }
}
