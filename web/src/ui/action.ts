import { createSignal, type Accessor } from "solid-js";
import { Problem } from "../api/client";
import { t, type Key } from "../i18n";

/** Something a user sets off: whether it is under way, and what was told when it failed. */
export interface Action<A extends unknown[]> {
  run: (...given: A) => Promise<boolean>;
  busy: Accessor<boolean>;
  fault: Accessor<string | undefined>;
}

/** Makes an action of a function; `run` is true once that is done, false if it failed or is under way already. */
export function action<A extends unknown[]>(perform: (...given: A) => Promise<unknown>): Action<A> {
  const [busy, setBusy] = createSignal(false);
  const [fault, setFault] = createSignal<string>();
  return {
    busy,
    fault,
    async run(...given) {
      if (busy()) return false;
      setBusy(true);
      setFault(undefined);
      try {
        await perform(...given);
        return true;
      } catch (error) {
        setFault(reason(error));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}

/** Problems that are told in the user's own language, since users meet them without having done anything wrong. */
const TOLD: Record<string, Key> = { "address-taken": "users.taken", "last-owner": "users.lastOwner", "no-closing-snapshot": "board.noClosing" };

/** What went wrong, for people: what the API said, with each fault, or that there was no answer. */
export function reason(error: unknown): string {
  if (!(error instanceof Problem)) return t("state.offline");
  const told = TOLD[error.slug];
  if (told) return t(told);
  const faults = error.document.errors?.map((fault) => `${fault.pointer.slice(1)}: ${fault.detail}`) ?? [];
  return faults.length ? faults.join(" ") : error.message;
}
