import { createResource, createSignal, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { month } from "../i18n/format";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";

type Store = Schemas["StoreDetail"];

/** What orders in other currencies count by, month by month. */
export function StoreRates(props: { store: Store; onChange: () => void; editable: boolean }): JSX.Element {
  const params = (): { path: { store: string } } => ({ path: { store: props.store.id } });
  const [asked, setAsked] = createSignal(false);
  const [found, { mutate, refetch }] = createResource(
    () => asked() && params(),
    (params) => ok(api.GET("/stores/{store}/rates", { params })),
  );
  const declare = action(async (rates: Schemas["RateIn"][]) => {
    mutate(await ok(api.PUT("/stores/{store}/rates", { params: params(), body: { rates } })));
    props.onChange();
  });
  const add = async (form: HTMLFormElement): Promise<void> => {
    const text = (name: string): string => String(new FormData(form).get(name) ?? "").trim();
    const added = { currency: text("currency").toUpperCase(), month: text("month"), rate: text("rate").replace(",", ".") };
    const others = found.latest!.rates.filter((it) => it.currency !== added.currency || it.month !== added.month);
    if (await declare.run([...others, added])) form.reset();
  };
  return (
    <details class="card" onToggle={(event) => event.currentTarget.open && setAsked(true)}>
      <summary>{t("rates.title")}</summary>
      <p class="muted">{t("rates.what", { currency: props.store.currency })}</p>
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <>
            <Show when={shown().rates.length} fallback={<p>{t("rates.none")}</p>}>
              <ul class="plain lines">
                <For each={shown().rates}>
                  {(rate) => (
                    <li>
                      <span>
                        <strong>{rate.currency}</strong> {month(rate.month)}: {rate.rate}
                      </span>
                      <Show when={props.editable}>
                        <button
                          type="button"
                          class="quiet"
                          disabled={declare.busy()}
                          aria-label={`${t("rules.delete")}: ${rate.currency} ${month(rate.month)}`}
                          onClick={() => void declare.run(shown().rates.filter((it) => it !== rate))}
                        >
                          ×
                        </button>
                      </Show>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
            <Show when={props.editable}>
              <form
                onSubmit={(event) => {
                  event.preventDefault();
                  void add(event.currentTarget);
                }}
              >
                <div class="choices">
                  <Field label={t("rates.currency")} input={{ name: "currency", required: true, pattern: "[A-Za-z]{3}", maxlength: 3 }} />
                  <Field label={t("rates.month")} input={{ name: "month", type: "month", required: true, pattern: "\\d{4}-\\d{2}", placeholder: "2026-11" }} />
                  <Field
                    label={t("rates.rate", { currency: props.store.currency })}
                    input={{ name: "rate", inputmode: "decimal", required: true, pattern: "\\d{1,9}([.,]\\d{1,12})?", maxlength: 22 }}
                  />
                </div>
                <Fault of={declare.fault()} />
                <button type="submit" disabled={declare.busy()}>
                  {t("rates.add")}
                </button>
              </form>
            </Show>
          </>
        )}
      </Loaded>
    </details>
  );
}
