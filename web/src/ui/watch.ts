import { onCleanup } from "solid-js";

/** Looks again every so often, as long as the page is seen and `wanted` says so. */
export function watch(every: number, wanted: () => boolean, look: () => void): void {
  const timer = setInterval(() => document.visibilityState === "visible" && wanted() && look(), every);
  onCleanup(() => clearInterval(timer));
}
