import { onCleanup, type JSX } from "solid-js";
import { t } from "../i18n";
import type { Turns } from "./pages";

/** Leads from page to page, by Alt with Page up and Page down, too. A way that leads nowhere stays focusable. */
export function Pager(props: { turns: Turns; next: string | null }): JSX.Element {
  const onward = (): (() => void) | undefined => (props.next === null ? undefined : () => props.turns.onward(props.next!));
  const turn = (event: KeyboardEvent): void => {
    const way = { PageUp: props.turns.previous(), PageDown: onward() }[event.key];
    if (!event.altKey || !way) return;
    event.preventDefault();
    way();
  };
  addEventListener("keydown", turn);
  onCleanup(() => removeEventListener("keydown", turn));
  return (
    <nav class="pager" aria-label={t("page.pages")}>
      <button type="button" aria-disabled={!props.turns.previous()} aria-keyshortcuts="Alt+PageUp" onClick={() => props.turns.previous()?.()}>
        {t("page.previous")}
      </button>
      <button type="button" aria-disabled={!onward()} aria-keyshortcuts="Alt+PageDown" onClick={() => onward()?.()}>
        {t("page.next")}
      </button>
    </nav>
  );
}
