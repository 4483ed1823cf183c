import { createResource, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { ago, calendarDay, money, moment, whole } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { Loaded } from "../ui/loaded";
import { following } from "../ui/watch";

type Run = Schemas["ReconciliationRun"];

const LATEST = 7;
const LOOK_AGAIN = 3000;

/** Whether a store is in step with its shop, and its boards with what is kept; `asked` counts changes of access. */
export function Reconciliation(props: { store: Schemas["Store"]; asked: number }): JSX.Element {
  const path = (): { store: string } => ({ store: props.store.id });
  const [found, { refetch }] = createResource(() => ({ path: path(), asked: props.asked }), ({ path }) =>
    ok(api.GET("/stores/{store}/reconciliation", { params: { path, query: { limit: LATEST } } })),
  );
  const open = following(found, (it) => it.runs.slice(0, 1), LOOK_AGAIN, () => void refetch());
  const start = action(async () => {
    await ok(api.POST("/stores/{store}/reconciliation", { params: { path: path() } }));
    void refetch();
  });
  return (
    <section class="card">
      <h2>{t("reconcile.title")}</h2>
      <p class="muted">{t("reconcile.what")}</p>
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <>
            <p role="status">
              {open()
                ? t("reconcile.running")
                : shown().reconciled_at
                  ? t("reconcile.last", { ago: ago(shown().reconciled_at!) })
                  : t("reconcile.never")}{" "}
              <Show when={!open() && shown().next_at}>{(at) => t("reconcile.next", { at: moment(at()) })}</Show>
            </p>
            <Show when={shown().runs[0]}>{(run) => <Figures run={run()} currency={shown().currency} />}</Show>
            <Show when={shown().runs.length > 1}>
              <details>
                <summary>{t("reconcile.runs")}</summary>
                <ul class="timeline">
                  <For each={shown().runs}>
                    {(run) => (
                      <li>
                        <time datetime={run.began_at}>{moment(run.began_at)}</time>
                        <span>
                          {t(`jobState.${run.state}`)} ·{" "}
                          {t("reconcile.differences", { count: run.differences, repaired: run.repaired })}
                        </span>
                      </li>
                    )}
                  </For>
                </ul>
              </details>
            </Show>
          </>
        )}
      </Loaded>
      <Show when={may("owner") && props.store.state === "connected"}>
        <Fault of={start.fault()} />
        <button type="button" disabled={start.busy() || open()} onClick={() => void start.run()}>
          {t("reconcile.now")}
        </button>
      </Show>
    </section>
  );
}

function Figures(props: { run: Run; currency: string }): JSX.Element {
  const wrong = (): Schemas["ReconciledDay"][] => props.run.shop.days.filter((day) => day.missing || day.outdated);
  return (
    <>
      <dl class="facts">
        <div>
          <dt>{t("reconcile.shop")}</dt>
          <dd>
            {props.run.shop.state === "done"
              ? t("reconcile.shopFigures", {
                  checked: props.run.shop.checked,
                  missing: props.run.shop.missing,
                  outdated: props.run.shop.outdated,
                  repaired: props.run.shop.repaired,
                })
              : t(`checkState.${props.run.shop.state}`)}
          </dd>
        </div>
        <div>
          <dt>{t("reconcile.boards")}</dt>
          <dd>
            {props.run.boards.state === "done"
              ? t("reconcile.boardFigures", {
                  customers: props.run.boards.customers,
                  differences: props.run.boards.differences,
                  repaired: props.run.boards.repaired,
                })
              : t(`checkState.${props.run.boards.state}`)}
          </dd>
        </div>
      </dl>
      <Show when={props.run.error}>
        <p class="fault">{props.run.error}</p>
      </Show>
      <Show when={wrong().length}>
        <div class="scroll inner" tabindex="0" role="region" aria-label={t("reconcile.days")}>
          <table class="plain-table">
            <caption class="unseen">{t("reconcile.days")}</caption>
            <thead>
              <tr>
                <th scope="col">{t("reconcile.day")}</th>
                <th scope="col" class="number">
                  {t("reconcile.shop")}
                </th>
                <th scope="col" class="number">
                  {t("reconcile.kept")}
                </th>
                <th scope="col" class="number">
                  {t("reconcile.repaired")}
                </th>
              </tr>
            </thead>
            <tbody>
              <For each={wrong()}>
                {(day) => (
                  <tr>
                    <th scope="row">{day.day === null ? t("reconcile.longAgo") : calendarDay(day.day)}</th>
                    <td class="number">{`${whole(day.shop.orders)} · ${money(day.shop.total, props.currency)}`}</td>
                    <td class="number">{`${whole(day.ledger.orders)} · ${money(day.ledger.total, props.currency)}`}</td>
                    <td class="number">{whole(day.repaired)}</td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </Show>
    </>
  );
}
