import { Match, Switch, type Accessor, type JSX, type Resource } from "solid-js";
import { Failed, Loading } from "./states";

/** What was read; before that, that it is on its way, or what went wrong. While it is read again, what was read before stays. */
export function Loaded<T>(props: {
  of: Resource<T>;
  retry: () => void;
  children: (read: Accessor<NonNullable<T>>) => JSX.Element;
}): JSX.Element {
  return (
    <Switch>
      <Match when={props.of.error}>
        <Failed error={props.of.error} retry={props.retry} />
      </Match>
      <Match when={props.of.latest}>{(read) => props.children(read)}</Match>
      <Match when={props.of.loading}>
        <Loading />
      </Match>
    </Switch>
  );
}

/** What was read, outside of `Loaded`; undefined before that, and after a failure. */
export function known<T>(of: Resource<T>): T | undefined {
  return of.error ? undefined : of.latest;
}
