import { onCleanup, type Accessor, type Resource } from "solid-js";
import { known } from "./loaded";

const OPEN = ["waiting", "queued", "running"];

/** Looks again every so often, as long as the page is seen and `wanted` says so. */
export function watch(every: number, wanted: () => boolean, look: () => void): void {
  const timer = setInterval(() => document.visibilityState === "visible" && wanted() && look(), every);
  onCleanup(() => clearInterval(timer));
}

/** Whether any of the jobs that were read is under way; as long as one is, they are read again every so often. */
export function following<T>(of: Resource<T>, jobs: (read: NonNullable<T>) => { state: string }[], every: number, again: () => void): Accessor<boolean> {
  const isOpen = (): boolean => {
    const read = known(of);
    return read != null && jobs(read).some((it) => OPEN.includes(it.state));
  };
  watch(every, () => of.state === "ready" && isOpen(), again);
  return isOpen;
}
