import { createSignal, type JSX } from "solid-js";
import { t } from "../i18n";

/** A value to be taken elsewhere. */
export function Copyable(props: { label: string; value: string }): JSX.Element {
  const [copied, setCopied] = createSignal(false);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(props.value);
    setCopied(true);
  }
  const said = (): string => (copied() ? t("copy.copied") : t("copy.copy"));
  return (
    <div class="copyable">
      <span class="muted">{props.label}</span>
      <code>{props.value}</code>
      <button type="button" aria-label={`${said()}: ${props.label}`} onClick={() => void copy()}>
        {said()}
      </button>
    </div>
  );
}
