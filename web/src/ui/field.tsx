import { createUniqueId, Show, type JSX } from "solid-js";

type Attributes = Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "id">;
type Typed = { label: string; hint?: string | undefined; value: string; set: (typed: string) => void };

/** A labelled line of input; `hint` is read with it. */
export function Field(props: { label: string; hint?: string | undefined; input: Attributes }): JSX.Element {
  const id = createUniqueId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input id={id} aria-describedby={props.hint ? `${id}-hint` : undefined} {...props.input} />
      <Show when={props.hint}>
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      </Show>
    </div>
  );
}

/** A line of input that is told of as it is typed. */
export function TextField(props: Typed & { input?: Attributes }): JSX.Element {
  return (
    <Field
      label={props.label}
      hint={props.hint}
      input={{ ...props.input, value: props.value, onInput: (it) => props.set(it.currentTarget.value) }}
    />
  );
}

/** A whole number between two others, which has to be there unless it is optional. */
export function Count(props: Typed & { least: number; most: number; optional?: boolean }): JSX.Element {
  return <TextField {...props} input={{ type: "number", min: props.least, max: props.most, required: !props.optional }} />;
}
