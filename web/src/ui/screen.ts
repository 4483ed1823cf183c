import { useIsRouting, useLocation } from "@solidjs/router";
import { createEffect, createMemo, on, onCleanup, onMount, type Accessor } from "solid-js";

const PRODUCT = "Laurel";

/** Does for screens what a browser does for pages: names the window after them, and reads on from their beginning. */
export function followScreens(main: () => HTMLElement, somebody: Accessor<unknown>): void {
  const location = useLocation();
  const isRouting = useIsRouting();
  const shown = createMemo((before: string) => (isRouting() ? before : `${location.pathname} ${Boolean(somebody())}`), "");
  createEffect(on(shown, () => main().focus({ preventScroll: true }), { defer: true }));
  onMount(() => {
    const watcher = new MutationObserver(() => entitle(main()));
    watcher.observe(main(), { childList: true, characterData: true, subtree: true });
    onCleanup(() => watcher.disconnect());
    entitle(main());
  });
}

function entitle(main: HTMLElement): void {
  const heading = main.querySelector("h1")?.textContent;
  document.title = heading ? `${heading} · ${PRODUCT}` : PRODUCT;
}
