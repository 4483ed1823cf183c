import { createSignal, Show, type JSX } from "solid-js";
import { t } from "../i18n";
import { action } from "./action";
import { Dialog } from "./dialog";
import { Fault } from "./fault";
import { Field } from "./field";

/** A button for what cannot be taken back: it asks first, and for a word to be typed where there is one. */
export function Confirm(props: {
  label: string;
  title: string;
  what: string;
  word?: string;
  now: string;
  perform: () => Promise<unknown>;
}): JSX.Element {
  const [asking, setAsking] = createSignal(false);
  const [typed, setTyped] = createSignal("");
  const done = action(async () => {
    await props.perform();
    setAsking(false);
  });
  const open = (): void => {
    setTyped("");
    setAsking(true);
  };
  const matches = (): boolean => props.word === undefined || typed().trim() === props.word.trim();
  return (
    <>
      <button type="button" class="danger" onClick={open}>
        {props.label}
      </button>
      <Dialog open={asking()} title={props.title} onClose={() => setAsking(false)}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (matches()) void done.run();
          }}
        >
          <p>{props.what}</p>
          <Show when={props.word}>
            {(word) => (
              <Field
                label={t("confirm.type", { word: word() })}
                input={{ autocomplete: "off", spellcheck: false, onInput: (event) => setTyped(event.currentTarget.value) }}
              />
            )}
          </Show>
          <Fault of={done.fault()} />
          <div class="row">
            <button type="submit" class="danger" disabled={done.busy() || !matches()}>
              {props.now}
            </button>
            <button type="button" onClick={() => setAsking(false)}>
              {t("confirm.keep")}
            </button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
