import { onCleanup, type JSX } from "solid-js";
import { t } from "../i18n";

/** Leads from page to page, by Alt with Page up and Page down, too. A way that leads nowhere stays focusable. */
export function Pager(props: { previous: (() => void) | undefined; next: (() => void) | undefined }): JSX.Element {
  const turn = (event: KeyboardEvent): void => {
    const way = { PageUp: props.previous, PageDown: props.next }[event.key];
    if (!event.altKey || !way) return;
    event.preventDefault();
    way();
  };
  addEventListener("keydown", turn);
  onCleanup(() => removeEventListener("keydown", turn));
  return (
    <nav class="pager" aria-label={t("page.pages")}>
      <button type="button" aria-disabled={!props.previous} aria-keyshortcuts="Alt+PageUp" onClick={() => props.previous?.()}>
        {t("page.previous")}
      </button>
      <button type="button" aria-disabled={!props.next} aria-keyshortcuts="Alt+PageDown" onClick={() => props.next?.()}>
        {t("page.next")}
      </button>
    </nav>
  );
}
