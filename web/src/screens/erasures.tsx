import { createResource, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { moment } from "../i18n/format";
import { Loaded } from "../ui/loaded";
import { following } from "../ui/watch";
import { SettingsTabs } from "./settings-tabs";

type Erasure = Schemas["Erasure"];

const LATEST = 50;
const LOOK_AGAIN = 5000;

/** What was forgotten, and the receipts of it; they say nothing of whom. */
export default function Erasures(): JSX.Element {
  const [found, { refetch }] = createResource(() => ok(api.GET("/erasures", { params: { query: { limit: LATEST } } })));
  following(found, (it) => it.erasures, LOOK_AGAIN, () => void refetch());
  return (
    <>
      <h1>{t("settings.title")}</h1>
      <SettingsTabs />
      <section class="card">
        <h2>{t("erasures.title")}</h2>
        <p class="muted">{t("erasures.what")}</p>
        <Loaded of={found} retry={() => void refetch()}>
          {(shown) => (
            <Show when={shown().erasures.length} fallback={<p>{t("erasures.none")}</p>}>
              <ul class="plain lines">
                <For each={shown().erasures}>{(erasure) => <One erasure={erasure} />}</For>
              </ul>
            </Show>
          )}
        </Loaded>
      </section>
    </>
  );
}

function One(props: { erasure: Erasure }): JSX.Element {
  const removed = (): number => Object.values(props.erasure.removed).reduce((all, count) => all + count, 0);
  return (
    <li>
      <div>
        <strong>{t(`erasureKind.${props.erasure.kind}`)}</strong>{" "}
        <span class={`tag ${props.erasure.state}`}>{t(`erasureState.${props.erasure.state}`)}</span>
        <div class="muted">
          {moment(props.erasure.created_at)} · {t(`erasureReason.${props.erasure.reason}`)} ·{" "}
          {t("erasures.removed", { count: removed() })}
        </div>
        <div class="muted">
          {t("erasures.receipt")} <code class="inline">{props.erasure.id}</code>
          <Show when={props.erasure.finished_at}>{(at) => <> · {t("erasures.finished", { at: moment(at()) })}</>}</Show>
        </div>
      </div>
    </li>
  );
}
