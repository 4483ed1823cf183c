import { createUniqueId, For, type JSX } from "solid-js";

/** A labelled choice of one; the browser's own, which every keyboard, phone and screen reader knows. */
export function Select<T extends string>(props: {
  label: string;
  value: T | undefined;
  options: { value: T; label: string; disabled?: boolean }[];
  onChange: (value: T) => void;
  hidden?: boolean;
}): JSX.Element {
  const id = createUniqueId();
  return (
    <div class="field">
      <label for={id} class={props.hidden ? "unseen" : ""}>
        {props.label}
      </label>
      <select id={id} onChange={(event) => props.onChange(event.currentTarget.value as T)}>
        <For each={props.options}>
          {(option) => (
            <option value={option.value} disabled={option.disabled ?? false} selected={option.value === props.value}>
              {option.label}
            </option>
          )}
        </For>
      </select>
    </div>
  );
}
