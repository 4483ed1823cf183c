import { createResource, createSignal, For, Match, Show, Switch, type JSX } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { moment } from "../i18n/format";
import { action } from "../ui/action";
import { Dialog } from "../ui/dialog";
import { Fault } from "../ui/fault";
import { TextField } from "../ui/field";
import { Loaded } from "../ui/loaded";
import { Select } from "../ui/select";
import { watch } from "../ui/watch";
import { InsertField, MailPreview } from "./mail-parts";

type Path = { audience: string; contact: string };
type State = Schemas["MessageState"];

const LOOK_AGAIN = 2000;
const SETTLED: State[] = ["failed", "unknown", "bounced", "complained", "clicked"];

/** Writes to one contact: what stands in the way is told first, then composing, a preview, and what became of it. */
export function Compose(props: { path: Path; name: string; store?: string; open: boolean; onClose: () => void }): JSX.Element {
  return (
    <Dialog open={props.open} title={t("compose.title", { name: props.name })} onClose={props.onClose}>
      <Letter path={props.path} store={props.store} onClose={props.onClose} />
    </Dialog>
  );
}

function Letter(props: { path: Path; store: string | undefined; onClose: () => void }): JSX.Element {
  const [gates, { refetch }] = createResource(
    () => props.path,
    (path) => ok(api.GET("/audiences/{audience}/contacts/{contact}/message-gates", { params: { path } })),
  );
  const [sent, setSent] = createSignal<string>();
  return (
    <Loaded of={gates} retry={() => void refetch()}>
      {(shown) => (
        <Switch fallback={<Closed gates={shown()} />}>
          <Match when={sent()}>{(id) => <Sent path={props.path} id={id()} onClose={props.onClose} />}</Match>
          <Match when={shown().open}>
            <Draft path={props.path} store={props.store} gates={shown()} onSent={setSent} />
          </Match>
        </Switch>
      )}
    </Loaded>
  );
}

function Closed(props: { gates: Schemas["MessageGates"] }): JSX.Element {
  const closed = (): Schemas["GateState"][] => props.gates.gates.filter((gate) => !gate.open);
  return (
    <>
      <p>{t("compose.closed")}</p>
      <ul>
        <For each={closed()}>
          {(gate) => (
            <li>
              <strong>{t(`gate.${gate.gate}`)}</strong>
              <br />
              <span class="muted">{gate.problem?.detail}</span>
            </li>
          )}
        </For>
      </ul>
    </>
  );
}

function Draft(props: {
  path: Path;
  store: string | undefined;
  gates: Schemas["MessageGates"];
  onSent: (id: string) => void;
}): JSX.Element {
  const [templates] = createResource(async () => (await ok(api.GET("/templates"))).templates);
  const [draft, setDraft] = createStore({ template: "", subject: "", text: "", coupon: "" });
  const [preview, setPreview] = createSignal<Schemas["PreviewedMessage"]>();
  let key = crypto.randomUUID();
  let text: HTMLTextAreaElement | undefined;
  const params = (): { path: Path } => ({ path: props.path });
  const body = (): Schemas["MessageIn"] => ({
    ...(draft.template ? { template: draft.template } : { subject: draft.subject, text: draft.text }),
    ...(props.store ? { store: props.store } : {}),
    ...(draft.coupon ? { coupon: draft.coupon } : {}),
  });
  const change = (name: keyof typeof draft, value: string): void => {
    setDraft(name, value);
    setPreview(undefined);
    key = crypto.randomUUID();
  };
  const look = action(async () =>
    setPreview(
      await ok(api.POST("/audiences/{audience}/contacts/{contact}/messages/preview", { params: params(), body: body() })),
    ),
  );
  const [tried, setTried] = createSignal(false);
  const test = action(async () => {
    await ok(api.POST("/audiences/{audience}/contacts/{contact}/messages/test", { params: params(), body: body() }));
    setTried(true);
  });
  const send = action(async () => {
    const header = { "Idempotency-Key": key };
    const message = await ok(
      api.POST("/audiences/{audience}/contacts/{contact}/messages", { params: { ...params(), header }, body: body() }),
    );
    props.onSent(message.id);
  });
  function insert(field: string): void {
    const at = text?.selectionStart ?? draft.text.length;
    change("text", `${draft.text.slice(0, at)}{{ ${field} }}${draft.text.slice(text?.selectionEnd ?? at)}`);
    text?.focus();
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send.run();
      }}
    >
      <Show when={templates()?.length}>
        <Select
          label={t("compose.template")}
          value={draft.template}
          options={[
            { value: "", label: t("compose.free") },
            ...templates()!.map((it) => ({ value: it.id, label: it.name })),
          ]}
          onChange={(value) => change("template", value)}
        />
      </Show>
      <Show when={!draft.template}>
        <TextField
          label={t("compose.subject")}
          value={draft.subject}
          set={(it) => change("subject", it)}
          input={{ required: true, maxlength: 500 }}
        />
        <div class="field">
          <label for="compose-text">{t("compose.text")}</label>
          <textarea
            id="compose-text"
            ref={(element) => (text = element)}
            rows="8"
            required
            maxlength="16000"
            value={draft.text}
            onInput={(it) => change("text", it.currentTarget.value)}
          />
        </div>
        <InsertField onInsert={insert} />
      </Show>
      <TextField label={t("compose.coupon")} value={draft.coupon} set={(it) => change("coupon", it.trim())} input={{ maxlength: 100 }} />
      <Show when={preview()}>{(shown) => <MailPreview shown={shown()} />}</Show>
      <p class="hint">
        {t("compose.left", { left: props.gates.month.left, from: props.gates.from ?? "" })}{" "}
        <Show when={props.gates.scheduled_for}>{(at) => t("compose.waits", { at: moment(at()) })}</Show>
      </p>
      <Fault of={send.fault() ?? look.fault() ?? test.fault()} />
      <div class="row">
        <button type="submit" class="primary" disabled={send.busy()}>
          {t("compose.send")}
        </button>
        <button type="button" disabled={look.busy()} onClick={() => void look.run()}>
          {t("compose.preview")}
        </button>
        <button type="button" disabled={test.busy()} onClick={() => void test.run()}>
          {tried() ? t("compose.tested") : t("compose.test")}
        </button>
      </div>
    </form>
  );
}

function Sent(props: { path: Path; id: string; onClose: () => void }): JSX.Element {
  const [message, { refetch }] = createResource(
    () => ({ ...props.path, message: props.id }),
    (path) => ok(api.GET("/audiences/{audience}/contacts/{contact}/messages/{message}", { params: { path } })),
  );
  watch(LOOK_AGAIN, () => message.state === "ready" && !SETTLED.includes(message().state), () => void refetch());
  return (
    <>
      <Loaded of={message} retry={() => void refetch()}>
        {(shown) => (
          <>
            <p role="status">{t(`messageState.${shown().state}`)}</p>
            <Show when={shown().scheduled_for}>{(at) => <p>{t("compose.waits", { at: moment(at()) })}</p>}</Show>
          </>
        )}
      </Loaded>
      <button type="button" onClick={() => props.onClose()}>
        {t("dialog.close")}
      </button>
    </>
  );
}
