import { createSignal, For, Show, type JSX } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { percent } from "../i18n/format";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Select } from "../ui/select";
import { upload } from "../ui/upload";
import { headingsOf } from "./csv-headings";

type Kind = Schemas["Kind"];

const COLUMNS = {
  orders: ["id", "placed_at", "total", "status", "currency", "email", "customer_id", "name"],
  contacts: ["email", "name", "tags", "consent", "consent_at"],
} as const;

/** Asks for a file, sends it, and says how much of it has gone. */
export function ImportForm(props: { store: string; onStarted: () => void }): JSX.Element {
  const [kind, setKind] = createSignal<Kind>("orders");
  const [file, setFile] = createSignal<File>();
  const [headings, setHeadings] = createSignal<string[]>([]);
  const [mapping, setMapping] = createStore<Record<string, string>>({});
  const [decimals, setDecimals] = createSignal<Schemas["Decimals"] | "">("");
  const [dates, setDates] = createSignal<Schemas["DateOrder"] | "">("");
  const [dry, setDry] = createSignal(false);
  const [gone, setGone] = createSignal<number>();
  const [sent, setSent] = createSignal<string>();
  const columns = (): readonly (typeof COLUMNS)[Kind][number][] => COLUMNS[kind()];
  const named = (): Record<string, string> =>
    Object.fromEntries(columns().flatMap((it) => (mapping[it] ? [[it, mapping[it]]] : [])));
  async function choose(chosen: File | undefined): Promise<void> {
    setFile(chosen);
    setSent(undefined);
    setMapping(Object.fromEntries(Object.keys(mapping).map((it) => [it, ""])));
    setHeadings(chosen ? await headingsOf(chosen) : []);
  }
  const start = action(async (chosen: File, form: HTMLFormElement) => {
    const body: Schemas["ImportNew"] = {
      kind: kind(),
      file_name: chosen.name.slice(-200),
      dry_run: dry(),
      ...(Object.keys(named()).length ? { mapping: named() } : {}),
      ...(decimals() ? { decimals: decimals() as Schemas["Decimals"] } : {}),
      ...(dates() ? { date_order: dates() as Schemas["DateOrder"] } : {}),
    };
    const params = { path: { store: props.store } };
    const started = await ok(api.POST("/stores/{store}/imports", { params, body }));
    setGone(0);
    try {
      await upload(chosen, started.upload, setGone);
    } finally {
      setGone(undefined);
      props.onStarted();
    }
    setSent(chosen.name);
    setFile(undefined);
    setHeadings([]);
    form.reset();
  });
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        const chosen = file();
        if (chosen) void start.run(chosen, event.currentTarget);
      }}
    >
      <p>{t("imports.what")}</p>
      <div class="choices roomy">
        <Select
          label={t("imports.kind")}
          value={kind()}
          options={(["orders", "contacts"] as const).map((value) => ({ value, label: t(`importKind.${value}`) }))}
          onChange={setKind}
        />
        <Field
          label={t("imports.file")}
          input={{
            type: "file",
            required: true,
            accept: ".csv,.txt,.tsv,.json,.ndjson,.jsonl",
            onChange: (event) => void choose(event.currentTarget.files?.[0]),
          }}
        />
      </div>
      <details>
        <summary>{t("imports.details")}</summary>
        <div class="choices roomy">
          <Select
            label={t("imports.decimals")}
            value={decimals()}
            options={[
              { value: "", label: t("imports.found") },
              { value: "point", label: "1234.50" },
              { value: "comma", label: "1234,50" },
            ]}
            onChange={setDecimals}
          />
          <Select
            label={t("imports.dates")}
            value={dates()}
            options={[
              { value: "", label: t("imports.found") },
              { value: "day_first", label: t("imports.dayFirst") },
              { value: "month_first", label: t("imports.monthFirst") },
            ]}
            onChange={setDates}
          />
        </div>
        <Show when={headings().length} fallback={<p class="hint">{t("imports.columnsLater")}</p>}>
          <fieldset>
            <legend>{t("imports.columns")}</legend>
            <div class="choices roomy">
              <For each={columns()}>
                {(column) => (
                  <Select
                    label={t(`importColumn.${column}`)}
                    value={mapping[column] ?? ""}
                    options={[
                      { value: "", label: t("imports.found") },
                      ...headings().map((value) => ({ value, label: value })),
                    ]}
                    onChange={(value) => setMapping(column, value)}
                  />
                )}
              </For>
            </div>
          </fieldset>
        </Show>
      </details>
      <label class="check">
        <input type="checkbox" checked={dry()} onChange={(event) => setDry(event.currentTarget.checked)} />
        {t("imports.dryRun")}
      </label>
      <div role="status">
        <Show when={gone() !== undefined}>
          <progress aria-label={t("imports.uploading")} max="1" value={gone()!} />
          <p class="hint">
            {t("imports.uploading")} {percent(gone()!)}
          </p>
        </Show>
        <Show when={sent()}>{(name) => <p>{t("imports.sent", { name: name() })}</p>}</Show>
      </div>
      <Fault of={start.fault()} />
      <button type="submit" class="primary" disabled={start.busy()}>
        {dry() ? t("imports.checkNow") : t("imports.start")}
      </button>
    </form>
  );
}
