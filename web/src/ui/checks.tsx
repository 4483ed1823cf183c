import { For, type JSX } from "solid-js";

/** A choice of several, as boxes to tick. */
export function Checks<T extends string>(props: {
  label: string;
  options: { value: T; label: string }[];
  chosen: T[];
  onChange: (chosen: T[]) => void;
}): JSX.Element {
  const toggle = (value: T, on: boolean): void =>
    props.onChange(props.options.map((it) => it.value).filter((it) => (it === value ? on : props.chosen.includes(it))));
  return (
    <fieldset class="inner checks">
      <legend>{props.label}</legend>
      <For each={props.options}>
        {(option) => (
          <label class="check">
            <input
              type="checkbox"
              checked={props.chosen.includes(option.value)}
              onChange={(it) => toggle(option.value, it.currentTarget.checked)}
            />
            {option.label}
          </label>
        )}
      </For>
    </fieldset>
  );
}
