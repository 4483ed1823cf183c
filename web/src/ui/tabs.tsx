import { A, useSearchParams } from "@solidjs/router";
import { For, type JSX } from "solid-js";

type Tab = { href: string; label: string };

/** Leads between screens that belong together. */
export function Tabs(props: { label: string; tabs: Tab[] }): JSX.Element {
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

/** Leads between screens about the same audience. */
export function AudienceTabs(props: { label: string; tabs: Tab[] }): JSX.Element {
  const [search] = useSearchParams<Record<"audience", string>>();
  const query = (): string => (search.audience ? `?audience=${search.audience}` : "");
  return <Tabs label={props.label} tabs={props.tabs.map(({ href, label }) => ({ href: href + query(), label }))} />;
}
