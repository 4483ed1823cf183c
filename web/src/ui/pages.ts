import { createMemo, createResource, createSignal, type Accessor, type Resource } from "solid-js";

/** Turns the pages of a list whose cursors only lead onward; what led here is remembered, the cursor is kept elsewhere. */
export interface Turns {
  previous: () => (() => void) | undefined;
  onward: (to: string) => void;
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
    previous: () => (cursor() ? back : undefined),
    onward: (to) => {
      setBefore(cursor() ? [...before(), cursor()] : [undefined]);
      go(to);
    },
  };
}

/** A list that grows at its end. */
export interface Growing<P, T> {
  /** The page that was read last, and all entries read so far, that page's at the end. */
  read: Resource<{ page: P; entries: T[] }>;
  /** Reads the next page; does nothing while one is read. */
  more: () => void;
  /** Reads the first page instead of all. */
  fromStart: () => void;
}

/**
 * A list of whose pages `read` reads the one at a cursor, or the first. `source` is what the list is of. An entry that is
 * read again as it was stays the same object, so its row stays, with what is open or focused there.
 */
export function growing<S extends object, P extends { next_cursor: string | null }, T>(
  source: Accessor<S>,
  read: (of: S, at: { cursor?: string }) => Promise<P>,
  entriesOf: (page: P) => T[],
): Growing<P, T> {
  const of = createMemo(source, undefined, { equals: (one, other) => JSON.stringify(one) === JSON.stringify(other) });
  const [list, { refetch }] = createResource<{ page: P; entries: T[] }, S, string>(of, async (of, { value, refetching }) => {
    const [earlier, at] = typeof refetching === "string" ? [value!.entries, { cursor: refetching }] : [[], {}];
    const page = await read(of, at);
    const before = new Map(value?.entries.map((it) => [JSON.stringify(it), it]));
    return { page, entries: [...earlier, ...entriesOf(page).map((it) => before.get(JSON.stringify(it)) ?? it)] };
  });
  return {
    read: list,
    more: () => void (list.state === "ready" && list().page.next_cursor && refetch(list().page.next_cursor!)),
    fromStart: () => void refetch(),
  };
}
