import { createSignal, type JSX } from "solid-js";
import { t } from "../i18n";
import { day } from "../i18n/format";
import { Dialog } from "../ui/dialog";
import { Select } from "../ui/select";

const LENGTHS = ["7", "14", "30", "90"] as const;
const DAY = 86_400_000;

/** Asks for how long an alert is put off. */
export function Snooze(props: { name: string; onClose: () => void; onChosen: (until: string) => void }): JSX.Element {
  const [days, setDays] = createSignal<(typeof LENGTHS)[number]>("14");
  const until = (): Date => new Date(Date.now() + Number(days()) * DAY);
  return (
    <Dialog open title={t("alerts.snoozeTitle", { name: props.name })} onClose={() => props.onClose()}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onChosen(until().toISOString());
        }}
      >
        <Select
          label={t("alerts.snoozeFor")}
          value={days()}
          options={LENGTHS.map((value) => ({ value, label: t("alerts.days", { days: Number(value) }) }))}
          onChange={setDays}
        />
        <p class="hint">{t("alerts.snoozeWhat", { day: day(until()) })}</p>
        <div class="row apart">
          <button type="submit" class="primary">
            {t("alerts.snooze")}
          </button>
          <button type="button" onClick={() => props.onClose()}>
            {t("confirm.keep")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
