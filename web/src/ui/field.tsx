import { createUniqueId, Show, type JSX } from "solid-js";

type Attributes = Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "id">;

/** A labelled line of input; `hint` is read with it. */
export function Field(props: { label: string; hint?: string; input: Attributes }): JSX.Element {
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
