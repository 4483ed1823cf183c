import { createResource, createSignal, type Accessor, type Resource } from "solid-js";

/** Turns the pages of a list whose cursors only lead onward; what led here is remembered, the cursor is kept elsewhere. */
export interface Turns {
  previous: () => (() => void) | undefined;
  onward: (to: string) => void;
  /** Forgets the way, for another list. */
  forget: () => void;
}

/** Turns that read and write the page's cursor; without one it is the first page. */
export function turns(cursor: () => string | undefined, go: (to: string | undefined) => void): Turns {
  const [before, setBefore] = createSignal<(string | undefined)[]>([]);
  const back = (): void => {
    const to = before().at(-1);
    setBefore(before().slice(0, -1));
    go(to);
  };
  return {
    previous: () => (before().length || cursor() ? back : undefined),
    onward: (to) => {
      setBefore([...before(), cursor()]);
      go(to);
    },
    forget: () => setBefore([]),
  };
}

/** A list that grows at its end. */
export interface Growing<P, T> {
  /** The page that was read last. */
  page: Resource<P>;
  /** All entries read so far, that page's at the end. */
  entries: (last: P) => T[];
  more: (last: P, next: string) => void;
  refetch: () => void;
  fromStart: () => void;
}

/** A list of whose pages `read` reads the one at a cursor, or the first. `source` is what the list is of. */
export function growing<S, P, T>(
  source: Accessor<S>,
  read: (of: S, at: { cursor?: string }) => Promise<P>,
  entriesOf: (page: P) => T[],
): Growing<P, T> {
  const [cursor, setCursor] = createSignal<string>();
  const [earlier, setEarlier] = createSignal<T[]>([]);
  const [page, { refetch }] = createResource(
    () => ({ of: source(), at: cursor() ? { cursor: cursor()! } : {} }),
    ({ of, at }) => read(of, at),
  );
  const entries = (last: P): T[] => [...earlier(), ...entriesOf(last)];
  return {
    page,
    entries,
    more: (last, next) => {
      setEarlier(entries(last));
      setCursor(next);
    },
    refetch: () => void refetch(),
    fromStart: () => {
      setEarlier([]);
      if (cursor()) setCursor(undefined);
      else void refetch();
    },
  };
}
