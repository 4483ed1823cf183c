import { Show, type JSX } from "solid-js";

/** What a button does to a part. */
interface Deed {
  label: string;
  disabled?: boolean;
  run: () => void;
}

/** A part of a form among others of its kind, which is dropped, and raised where their order matters. */
export function Part(props: { label: string; raise?: Deed; drop: Deed; children: JSX.Element }): JSX.Element {
  return (
    <div class="part" role="group" aria-label={props.label}>
      {props.children}
      <Show when={props.raise}>{(raise) => <Sign shown="↑" deed={raise()} />}</Show>
      <Sign shown="×" deed={props.drop} />
    </div>
  );
}

function Sign(props: { shown: string; deed: Deed }): JSX.Element {
  return (
    <button type="button" class="quiet" disabled={props.deed.disabled ?? false} aria-label={props.deed.label} onClick={() => props.deed.run()}>
      {props.shown}
    </button>
  );
}

/** Parts with one of them before the one that it followed. */
export function raised<T>(all: T[], place: number): T[] {
  return all.map((it, at) => (at === place - 1 ? all[place]! : at === place ? all[place - 1]! : it));
}
