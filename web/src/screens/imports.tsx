import { A, useParams } from "@solidjs/router";
import { createResource, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { duration, moment, percent } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { known, Loaded } from "../ui/loaded";
import { Empty, Failed } from "../ui/states";
import { following } from "../ui/watch";
import { ImportForm } from "./import-form";

type Import = Schemas["ImportSummary"];

const LOOK_AGAIN = 2000;
const LATEST = 20;

/** Files of a shop's history: sends them, and tells what became of their rows. */
export default function Imports(): JSX.Element {
  const params = useParams<{ store: string }>();
  const path = (): { store: string } => ({ store: params.store });
  const [store, again] = createResource(path, (path) => ok(api.GET("/stores/{store}", { params: { path } })));
  const [imports, { refetch }] = createResource(path, (path) =>
    ok(api.GET("/stores/{store}/imports", { params: { path, query: { limit: LATEST } } })),
  );
  following(imports, (it) => it.imports, LOOK_AGAIN, () => void refetch());
  return (
    <>
      <p class="trail">
        <A href="/stores">{t("stores.title")}</A> › <A href={`/stores/${params.store}`}>{known(store)?.name ?? "…"}</A>
      </p>
      <h1>{t("imports.title")}</h1>
      <Show when={!store.error} fallback={<Failed error={store.error} retry={() => void again.refetch()} />}>
        <Show when={may("marketer")}>
          <ImportForm store={params.store} onStarted={() => void refetch()} />
        </Show>
        <Loaded of={imports} retry={() => void refetch()}>
          {(shown) => (
            <Show when={shown().imports.length} fallback={<Empty title={t("imports.none")} />}>
              <h2 class="apart">{t("imports.latest")}</h2>
              <ul class="plain">
                <For each={shown().imports}>{(it) => <One shown={it} onChange={() => void refetch()} />}</For>
              </ul>
            </Show>
          )}
        </Loaded>
      </Show>
    </>
  );
}

function One(props: { shown: Import; onChange: () => void }): JSX.Element {
  const path = (): { store: string; import_id: string } => ({ store: props.shown.store_id, import_id: props.shown.id });
  const cancel = action(async () => {
    await ok(api.POST("/stores/{store}/imports/{import_id}/cancel", { params: { path: path() } }));
    props.onChange();
  });
  const download = action(async () => {
    const whole = await ok(api.GET("/stores/{store}/imports/{import_id}", { params: { path: path() } }));
    if (whole.rejected_rows_url) location.assign(whole.rejected_rows_url);
  });
  const open = (): boolean => props.shown.state === "waiting" || props.shown.state === "running";
  const rows = (): Schemas["ImportRows"] => props.shown.rows;
  return (
    <li class="card">
      <div class="card-head">
        <h3>
          <bdi>{props.shown.file_name}</bdi>
        </h3>
        <span class={`tag ${props.shown.state}`}>{t(`importState.${props.shown.state}`)}</span>
      </div>
      <p class="muted">
        {t(`importKind.${props.shown.kind}`)}
        {props.shown.dry_run ? ` · ${t("imports.dryRunShort")}` : ""} · {moment(props.shown.created_at)}
      </p>
      <Show when={props.shown.state === "running"}>
        <progress
          aria-label={t("imports.progress")}
          {...(rows().total === null ? {} : { max: Math.max(rows().total!, 1), value: rows().read })}
        />
        <p class="hint" role="status">
          {rows().total ? `${percent(rows().read / rows().total!)} ` : ""}
          <Show when={props.shown.seconds_left !== null}>{t("imports.left", { time: duration(props.shown.seconds_left!) })}</Show>
        </p>
      </Show>
      <Show when={props.shown.error}>
        <p class="fault">{props.shown.error}</p>
      </Show>
      <Show when={rows().read > 0}>
        <p>
          {t("imports.rows", {
            read: rows().read,
            dry: props.shown.dry_run ? "yes" : "no",
            accepted: rows().accepted,
            unchanged: rows().unchanged,
            rejected: rows().rejected,
            empty: rows().empty,
          })}
        </p>
      </Show>
      <div class="row">
        <Show when={!open() && rows().rejected > 0}>
          <button type="button" disabled={download.busy()} onClick={() => void download.run()}>
            {t("imports.rejected")}
          </button>
        </Show>
        <Show when={open() && may("marketer")}>
          <button type="button" disabled={cancel.busy()} onClick={() => void cancel.run()}>
            {t("imports.cancel")}
          </button>
        </Show>
      </div>
      <Fault of={cancel.fault() ?? download.fault()} />
    </li>
  );
}
