import { Show, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";

/** Says that a store's boards are being computed again, and how far that is. */
export function Rebuilding(props: { of: { rebuilding: boolean; rebuild: Schemas["RebuildState"] | null } }): JSX.Element {
  const progress = (): Schemas["RebuildProgress"] | undefined => props.of.rebuild?.progress;
  return (
    <Show when={props.of.rebuilding}>
      <div class="notice" role="status">
        <p>
          {props.of.rebuild?.state === "failed"
            ? t("rebuild.failed")
            : t("rebuild.running", { done: progress()?.done ?? 0, total: progress()?.total ?? 0 })}
        </p>
        <Show when={progress()?.total}>
          {(total) => <progress aria-label={t("rebuild.progress")} max={total()} value={progress()!.done} />}
        </Show>
      </div>
    </Show>
  );
}
