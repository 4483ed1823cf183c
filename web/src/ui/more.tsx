import { Show, type JSX } from "solid-js";
import { t } from "../i18n";
import type { Growing } from "./pages";

/** Has a list grow, as long as there is more of it. */
export function More(props: { of: Growing<{ next_cursor: string | null }, unknown>; label?: string }): JSX.Element {
  return (
    <Show when={props.of.read.latest?.page.next_cursor}>
      <button type="button" disabled={props.of.read.loading} onClick={() => props.of.more()}>
        {props.label ?? t("list.more")}
      </button>
    </Show>
  );
}
