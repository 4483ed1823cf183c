import { Show, type JSX } from "solid-js";
import { t } from "../i18n";
import { reason } from "./action";

/** Says that something is on its way. */
export function Loading(): JSX.Element {
  return (
    <p class="state" role="status">
      {t("state.loading")}
    </p>
  );
}

/** Says that there is nothing, and what to do about it. */
export function Empty(props: { title: string; children?: JSX.Element }): JSX.Element {
  return (
    <section class="state">
      <h2>{props.title}</h2>
      {props.children}
    </section>
  );
}

/** Says what went wrong and lets one try again. */
export function Failed(props: { error: unknown; retry?: () => void }): JSX.Element {
  return (
    <section class="state failed" role="alert">
      <h2>{t("state.failed")}</h2>
      <p>{reason(props.error)}</p>
      <Show when={props.retry}>
        {(retry) => (
          <button type="button" onClick={() => retry()()}>
            {t("state.retry")}
          </button>
        )}
      </Show>
    </section>
  );
}
