import { createResource, createSignal, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { whole } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";
import { Select } from "../ui/select";
import { deedOf } from "./deeds";
import { MOST_POINTS } from "./typed";

type Path = { audience: string; contact: string };
type Effect = Schemas["ScoreChange"]["effect"];

const EFFECTS: Effect[] = ["add", "subtract", "set", "remove"];

/** Where a contact's score came from, and changing it by hand. */
export function Score(props: { path: Path; onChange: () => void }): JSX.Element {
  const [found, { refetch }] = createResource(
    () => props.path,
    (path) => ok(api.GET("/audiences/{audience}/contacts/{contact}/score", { params: { path, query: { limit: 1 } } })),
  );
  const changed = (): void => {
    void refetch();
    props.onChange();
  };
  return (
    <section class="card">
      <h2>{t("score.title")}</h2>
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <>
            <p class="big">{shown().score === null ? t("score.none") : t("score.points", { points: shown().score! })}</p>
            <Show when={shown().points_by_rule?.length}>
              <table class="plain-table">
                <caption class="unseen">{t("score.title")}</caption>
                <thead>
                  <tr>
                    <th scope="col">{t("score.rule")}</th>
                    <th scope="col" class="number">
                      {t("score.times")}
                    </th>
                    <th scope="col" class="number">
                      {t("rules.points")}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  <For each={shown().points_by_rule!}>
                    {(it) => (
                      <tr>
                        <th scope="row">
                          <bdi>{it.name ?? deedOf(it.activity)}</bdi>
                        </th>
                        <td class="number">{whole(it.entries)}</td>
                        <td class="number">{whole(it.points)}</td>
                      </tr>
                    )}
                  </For>
                </tbody>
              </table>
            </Show>
            <Show when={may("marketer")}>
              <ByHand path={props.path} onChange={changed} />
            </Show>
          </>
        )}
      </Loaded>
    </section>
  );
}

function ByHand(props: { path: Path; onChange: () => void }): JSX.Element {
  const [effect, setEffect] = createSignal<Effect>("add");
  const change = action(async (form: HTMLFormElement) => {
    const given = new FormData(form);
    const body: Schemas["ScoreChange"] = {
      effect: effect(),
      ...(effect() === "remove" ? {} : { points: Number(given.get("points")) }),
      reason: String(given.get("reason") ?? "").trim() || null,
    };
    await ok(api.POST("/audiences/{audience}/contacts/{contact}/score", { params: { path: props.path }, body }));
    form.reset();
    props.onChange();
  });
  return (
    <details>
      <summary>{t("score.byHand")}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void change.run(event.currentTarget);
        }}
      >
        <div class="choices">
          <Select
            label={t("score.effect")}
            value={effect()}
            options={EFFECTS.map((value) => ({ value, label: t(`effect.${value}`) }))}
            onChange={setEffect}
          />
          <Show when={effect() !== "remove"}>
            <Field label={t("rules.points")} input={{ name: "points", type: "number", min: effect() === "set" ? 0 : 1, max: MOST_POINTS, required: true }} />
          </Show>
          <Field label={t("score.reason")} input={{ name: "reason", maxlength: 100 }} />
        </div>
        <Fault of={change.fault()} />
        <button type="submit" disabled={change.busy()}>
          {t("score.change")}
        </button>
      </form>
    </details>
  );
}
