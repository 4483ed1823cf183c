import { A } from "@solidjs/router";
import { Show, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";

/** A customer's name now, as far as it is known. */
export const nameOf = (of: Omit<Schemas["BoardPerson"], "profile">): string => of.name ?? of.email ?? t("customer.unknown", { id: of.customer });

/** A customer by name, which leads to their profile if they have one. */
export function Person(props: { of: Schemas["BoardPerson"]; audience: string }): JSX.Element {
  return (
    <Show when={props.of.profile} fallback={<bdi class="who">{nameOf(props.of)}</bdi>}>
      <A class="who" href={`/audiences/${props.audience}/contacts/${props.of.customer}`}>
        <bdi>{nameOf(props.of)}</bdi>
      </A>
    </Show>
  );
}
