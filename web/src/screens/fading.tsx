import { createResource, createSignal, Show, type JSX } from "solid-js";
import { api, ok } from "../api/client";
import { t } from "../i18n";
import { percent } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";

/** How much all scores of an audience lose by themselves each month. */
export function Fading(props: { audience: string }): JSX.Element {
  const params = (): { path: { audience: string } } => ({ path: { audience: props.audience } });
  const [scoring, { mutate, refetch }] = createResource(params, (params) => ok(api.GET("/audiences/{audience}/scoring", { params })));
  const [saved, setSaved] = createSignal(false);
  const change = action(async (form: HTMLFormElement) => {
    const body = { monthly_decay: Number(new FormData(form).get("monthly_decay")) };
    mutate(await ok(api.PATCH("/audiences/{audience}/scoring", { params: params(), body })));
    setSaved(true);
  });
  return (
    <section class="card">
      <h2>{t("fading.title")}</h2>
      <Loaded of={scoring} retry={() => void refetch()}>
        {(shown) => (
          <Show when={may("marketer")} fallback={<p>{t("fading.now", { share: percent(shown().monthly_decay / 100) })}</p>}>
            <form
              class="stack"
              onInput={() => setSaved(false)}
              onSubmit={(event) => {
                event.preventDefault();
                void change.run(event.currentTarget);
              }}
            >
              <Field
                label={t("fading.points")}
                hint={t("fading.hint")}
                input={{ name: "monthly_decay", type: "number", min: 0, max: 100, required: true, value: shown().monthly_decay }}
              />
              <Fault of={change.fault()} />
              <button type="submit" disabled={change.busy()}>
                {saved() ? t("settings.saved") : t("rules.save")}
              </button>
            </form>
          </Show>
        )}
      </Loaded>
    </section>
  );
}
