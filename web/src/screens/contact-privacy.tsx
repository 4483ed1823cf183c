import { A } from "@solidjs/router";
import { createSignal, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { action } from "../ui/action";
import { Confirm } from "../ui/confirm";
import { save } from "../ui/download";
import { Fault } from "../ui/fault";

type Path = { audience: string; contact: string };

/** What the law lets people ask for: all that is kept of them, and that it is forgotten. */
export function Privacy(props: { path: Path; email: string }): JSX.Element {
  const [erasing, setErasing] = createSignal(false);
  const params = (): { path: Path } => ({ path: props.path });
  const take = action(async () => {
    const records: Schemas["PersonRecord"][] = [];
    let cursor: string | null = null;
    do {
      const query: { cursor?: string } = cursor ? { cursor } : {};
      const asked = { params: { ...params(), query } };
      const page: Schemas["PersonExport"] = await ok(api.POST("/audiences/{audience}/contacts/{contact}/export", asked));
      records.push(...page.records);
      cursor = page.next_cursor;
    } while (cursor);
    save(new Blob([JSON.stringify(records, null, 2)], { type: "application/json" }), `${props.email}.json`);
  });
  return (
    <section class="card">
      <h2>{t("privacy.title")}</h2>
      <p class="muted">{t("privacy.what")}</p>
      <div class="row">
        <button type="button" disabled={take.busy()} onClick={() => void take.run()}>
          {t("privacy.export")}
        </button>
        <Confirm
          label={t("privacy.erase")}
          title={t("privacy.eraseTitle")}
          what={t("privacy.eraseWhat")}
          word={props.email}
          now={t("privacy.eraseNow")}
          perform={async () => {
            await ok(api.POST("/audiences/{audience}/contacts/{contact}/erasure", { params: params() }));
            setErasing(true);
          }}
        />
      </div>
      <p role="status">
        <Show when={erasing()}>
          {t("privacy.erasing")} <A href="/erasures">{t("erasures.title")}</A>
        </Show>
      </p>
      <Fault of={take.fault()} />
    </section>
  );
}
