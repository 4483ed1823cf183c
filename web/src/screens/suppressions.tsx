import { For, Show, type JSX } from "solid-js";
import { api, ok } from "../api/client";
import { t } from "../i18n";
import { day } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { Confirm } from "../ui/confirm";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";
import { More } from "../ui/more";
import { growing } from "../ui/pages";

const PAGE = 50;

/** Addresses that are not written to, whatever their consent says. */
export function Suppressions(): JSX.Element {
  const list = growing(
    () => ({}),
    (_, at) => ok(api.GET("/suppressions", { params: { query: { limit: PAGE, ...at } } })),
    (page) => page.suppressions,
  );
  const add = action(async (form: HTMLFormElement) => {
    await ok(api.POST("/suppressions", { body: { email: String(new FormData(form).get("email")).trim() } }));
    form.reset();
    list.fromStart();
  });
  const lift = async (address: string): Promise<void> => {
    await ok(api.DELETE("/suppressions/{address}", { params: { path: { address } } }));
    list.fromStart();
  };
  return (
    <section class="card">
      <h2>{t("suppressions.title")}</h2>
      <p class="muted">{t("suppressions.what")}</p>
      <Loaded of={list.read} retry={list.fromStart}>
        {(shown) => (
          <>
            <Show when={shown().entries.length} fallback={<p>{t("suppressions.none")}</p>}>
              <ul class="plain lines">
                <For each={shown().entries}>
                  {(it) => (
                    <li>
                      <div>
                        <bdi class="wrap">{it.email ?? t("suppressions.erased")}</bdi>
                        <div class="muted">
                          {t(`suppressionReason.${it.reason}`)} · {day(it.at)}
                        </div>
                      </div>
                      <Show when={may("owner")}>
                        <Confirm
                          label={t("suppressions.lift")}
                          title={t("suppressions.liftTitle")}
                          what={t("suppressions.liftWhat", { address: it.email ?? t("suppressions.erased") })}
                          now={t("suppressions.lift")}
                          perform={() => lift(it.id)}
                        />
                      </Show>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
            <More of={list} />
          </>
        )}
      </Loaded>
      <Show when={may("marketer")}>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void add.run(event.currentTarget);
          }}
        >
          <Field label={t("suppressions.add")} input={{ name: "email", type: "email", required: true, maxlength: 254, autocomplete: "off" }} />
          <Fault of={add.fault()} />
          <button type="submit" disabled={add.busy()}>
            {t("suppressions.addNow")}
          </button>
        </form>
      </Show>
    </section>
  );
}
