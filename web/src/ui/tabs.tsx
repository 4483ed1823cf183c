import { A } from "@solidjs/router";
import { For, type JSX } from "solid-js";

/** Leads between screens that belong together. */
export function Tabs(props: { label: string; tabs: { href: string; label: string }[] }): JSX.Element {
  return (
    <nav class="tabs" aria-label={props.label}>
      <For each={props.tabs}>
        {(tab) => (
          <A href={tab.href} end>
            {tab.label}
          </A>
        )}
      </For>
    </nav>
  );
}
