import { Dialog as Kobalte } from "@kobalte/core/dialog";
import type { JSX } from "solid-js";
import { t } from "../i18n";

/** Asks for something before all else; focus stays in it, Escape closes it. */
export function Dialog(props: {
  open: boolean;
  title: string;
  onClose: () => void;
  children: JSX.Element;
}): JSX.Element {
  return (
    <Kobalte open={props.open} onOpenChange={(open) => !open && props.onClose()}>
      <Kobalte.Portal>
        <Kobalte.Overlay class="veil" />
        <div class="stage">
          <Kobalte.Content class="dialog card">
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
