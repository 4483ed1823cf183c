import { Dialog as Kobalte } from "@kobalte/core/dialog";
import { createComputed, type JSX } from "solid-js";
import { t } from "../i18n";

/** Asks for something before all else; focus stays in it, Escape closes it, and then focus is where it came from. */
export function Dialog(props: {
  open: boolean;
  title: string;
  onClose: () => void;
  children: JSX.Element;
}): JSX.Element {
  let from: HTMLElement | undefined;
  createComputed(() => {
    if (props.open && document.activeElement instanceof HTMLElement) from = document.activeElement;
  });
  return (
    <Kobalte open={props.open} onOpenChange={(open) => !open && props.onClose()}>
      <Kobalte.Portal>
        <Kobalte.Overlay class="veil" />
        <div class="stage">
          <Kobalte.Content class="dialog card" onCloseAutoFocus={() => from?.focus({ preventScroll: true })}>
            <div class="dialog-head">
              <Kobalte.Title>{props.title}</Kobalte.Title>
              <Kobalte.CloseButton class="quiet" aria-label={t("dialog.close")}>
                ×
              </Kobalte.CloseButton>
            </div>
            {props.children}
          </Kobalte.Content>
        </div>
      </Kobalte.Portal>
    </Kobalte>
  );
}
