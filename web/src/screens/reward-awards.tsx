import { A } from "@solidjs/router";
import { createSignal, createUniqueId, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { day, moment } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { Confirm } from "../ui/confirm";
import { Dialog } from "../ui/dialog";
import { downloadCsv } from "../ui/download";
import { Fault } from "../ui/fault";
import { Loaded } from "../ui/loaded";
import { More } from "../ui/more";
import { growing } from "../ui/pages";
import { AwardOutcome } from "./award-outcome";
import { whySays } from "./run-words";

type Programme = Schemas["Programme"];
type Award = Schemas["Award"];

const PAGE = 50;

/** Who got a programme's reward; gives it to those who are named, and takes it back. */
export function Awards(props: { audience: string; programme: Programme; onChange: () => void }): JSX.Element {
  const [giving, setGiving] = createSignal(false);
  const list = growing(
    () => ({ audience: props.audience, programme: props.programme.id }),
    (path, at) => ok(api.GET("/audiences/{audience}/programmes/{programme}/awards", { params: { path, query: { limit: PAGE, ...at } } })),
    (page) => page.awards,
  );
  const changed = (): void => {
    list.fromStart();
    props.onChange();
  };
  const download = action(() =>
    downloadCsv(`/audiences/${props.audience}/programmes/${props.programme.id}/awards`, {}, `${props.programme.name}.csv`),
  );
  return (
    <section class="card apart">
      <h2>{t("awards.title")}</h2>
      <div class="row">
        <Show when={may("marketer") && props.programme.state === "active"}>
          <button type="button" onClick={() => setGiving(true)}>
            {t("awards.give")}
          </button>
          <Dialog open={giving()} title={t("awards.give")} onClose={() => setGiving(false)}>
            <Give audience={props.audience} programme={props.programme.id} onGiven={changed} />
          </Dialog>
        </Show>
        <button type="button" disabled={download.busy()} onClick={() => void download.run()}>
          {t("leaderboard.csv")}
        </button>
      </div>
      <Fault of={download.fault()} />
      <Loaded of={list.read} retry={list.fromStart}>
        {(shown) => (
          <Show when={shown().entries.length} fallback={<p class="muted">{t("awards.none")}</p>}>
            <ul class="plain lines">
              <For each={shown().entries}>{(it) => <One audience={props.audience} award={it} onChange={changed} />}</For>
            </ul>
            <More of={list} />
          </Show>
        )}
      </Loaded>
    </section>
  );
}

function One(props: { audience: string; award: Award; onChange: () => void }): JSX.Element {
  const who = (): string => props.award.name ?? props.award.email ?? props.award.contact;
  const path = (): { audience: string; programme: string; contact: string; occasion: string } => ({
    audience: props.audience,
    programme: props.award.programme,
    contact: props.award.contact,
    occasion: props.award.occasion,
  });
  return (
    <li>
      <div>
        <A href={`/audiences/${props.audience}/contacts/${props.award.contact}`}>
          <bdi>{who()}</bdi>
        </A>{" "}
        <span class={`tag ${props.award.state === "given" ? "" : "off"}`}>{t(`awardState.${props.award.state}`)}</span>
        <p class="muted">
          {moment(props.award.at)}
          <Show when={props.award.coupon}>
            {(coupon) => (
              <>
                {" · "}
                <code class="inline">{coupon()}</code>
              </>
            )}
          </Show>
          <Show when={props.award.valid_until}>{(at) => <> · {t("awards.until", { at: day(at()) })}</>}</Show>
          <Show when={props.award.unsent}>{(why) => <> · {t("awards.unsent", { why: whySays(why()) })}</>}</Show>
        </p>
      </div>
      <Show when={may("marketer") && props.award.state === "given"}>
        <div class="row">
          <Confirm
            label={t("awards.revoke")}
            title={t("awards.revokeTitle", { name: who() })}
            what={t("awards.revokeWhat")}
            now={t("awards.revoke")}
            perform={async () => {
              const params = { path: path() };
              await ok(api.DELETE("/audiences/{audience}/programmes/{programme}/awards/{contact}/{occasion}", { params }));
              props.onChange();
            }}
          />
        </div>
      </Show>
    </li>
  );
}

function Give(props: { audience: string; programme: string; onGiven: () => void }): JSX.Element {
  const area = createUniqueId();
  const [job, setJob] = createSignal<string>();
  const give = action(async (typed: string) => {
    const contacts = typed.split(/[\s,;]+/).filter(Boolean);
    const params = { path: { audience: props.audience, programme: props.programme } };
    const started = await ok(api.POST("/audiences/{audience}/programmes/{programme}/awards", { params, body: { contacts } }));
    setJob(started.id);
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void give.run(String(new FormData(event.currentTarget).get("whom")));
      }}
    >
      <div class="field">
        <label for={area}>{t("awards.whom")}</label>
        <textarea id={area} name="whom" rows="4" required />
      </div>
      <Show when={job()} keyed>
        {(started) => <AwardOutcome audience={props.audience} job={started} onDone={props.onGiven} />}
      </Show>
      <Fault of={give.fault()} />
      <button type="submit" class="primary" disabled={give.busy()}>
        {t("awards.now")}
      </button>
    </form>
  );
}
