import { Show, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { Select } from "../ui/select";
import { FRAMES } from "./frames";
import { METRICS } from "./metrics";

/** A choice of a store, a metric and a time frame. */
export function BoardChoice(props: {
  stores: Schemas["Store"][];
  of: { store: string; rankBy: Schemas["Metric"]; frame: Schemas["TimeFrame"] };
  onChange: (changed: Partial<{ store: string; rankBy: Schemas["Metric"]; frame: Schemas["TimeFrame"] }>) => void;
}): JSX.Element {
  return (
    <>
      <Show when={props.stores.length > 1 || props.stores[0]?.id !== props.of.store}>
        <Select
          label={t("automations.store")}
          value={props.of.store}
          options={[
            ...(props.stores.some((it) => it.id === props.of.store) ? [] : [{ value: props.of.store, label: t("automations.choose") }]),
            ...props.stores.map((it) => ({ value: it.id, label: it.name })),
          ]}
          onChange={(store) => props.onChange({ store })}
        />
      </Show>
      <Select
        label={t("automations.rankBy")}
        value={props.of.rankBy}
        options={METRICS.map((value) => ({ value, label: t(`metric.${value}`) }))}
        onChange={(rankBy) => props.onChange({ rankBy })}
      />
      <Select
        label={t("leaderboard.timeFrame")}
        value={props.of.frame}
        options={FRAMES.map((value) => ({ value, label: t(`frame.${value}`) }))}
        onChange={(frame) => props.onChange({ frame })}
      />
    </>
  );
}
