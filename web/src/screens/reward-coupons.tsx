import { createSignal, createUniqueId, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { action } from "../ui/action";
import { downloadCsv } from "../ui/download";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";

type Programme = Schemas["Programme"];

/** The codes of a programme: adds the merchant's own, or makes some, and hands them out as a file. */
export function Coupons(props: { audience: string; programme: Programme; onChange: () => void }): JSX.Element {
  const [added, setAdded] = createSignal<Schemas["CouponsAdded"]>();
  const path = (): { audience: string; programme: string } => ({ audience: props.audience, programme: props.programme.id });
  const add = action(async (body: Schemas["CouponsIn"]) => {
    setAdded(await ok(api.POST("/audiences/{audience}/programmes/{programme}/coupons", { params: { path: path() }, body })));
    props.onChange();
  });
  const download = action(() =>
    downloadCsv(`/audiences/${props.audience}/programmes/${props.programme.id}/coupons`, {}, `${props.programme.name}.csv`),
  );
  return (
    <Show when={may("marketer")}>
      <section class="card apart">
        <h2>{t("rewards.coupons")}</h2>
        <Show
          when={props.programme.coupon.source === "generated"}
          fallback={<OwnCodes busy={add.busy()} onCodes={(codes) => void add.run({ codes })} />}
        >
          <p>{t("coupons.generateWhat")}</p>
          <form
            class="row"
            onSubmit={(event) => {
              event.preventDefault();
              void add.run({ generate: Number(new FormData(event.currentTarget).get("many")) });
            }}
          >
            <Field label={t("coupons.many")} input={{ name: "many", type: "number", min: 1, max: 10_000, required: true, value: 100 }} />
            <button type="submit" disabled={add.busy()}>
              {t("coupons.generate")}
            </button>
          </form>
        </Show>
        <p role="status">
          <Show when={added()}>{(it) => t("coupons.added", { added: it().added, known: it().known, left: it().left })}</Show>
        </p>
        <Fault of={add.fault() ?? download.fault()} />
        <button type="button" disabled={download.busy()} onClick={() => void download.run()}>
          {t("coupons.download")}
        </button>
      </section>
    </Show>
  );
}

function OwnCodes(props: { busy: boolean; onCodes: (codes: string[]) => void }): JSX.Element {
  const area = createUniqueId();
  const [typed, setTyped] = createSignal("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onCodes(codesOf(typed()));
      }}
    >
      <p>{t("coupons.what")}</p>
      <div class="field">
        <label for={area}>{t("coupons.codes")}</label>
        <textarea id={area} class="source" rows="5" required spellcheck={false} value={typed()} onInput={(it) => setTyped(it.currentTarget.value)} />
      </div>
      <Field
        label={t("coupons.file")}
        input={{
          type: "file",
          accept: ".csv,text/csv,text/plain",
          onChange: (it) => void it.currentTarget.files?.[0]?.text().then(setTyped),
        }}
      />
      <button type="submit" disabled={props.busy || !codesOf(typed()).length}>
        {t("coupons.add")}
      </button>
    </form>
  );
}

/** The codes of a text: the first column of each line, less a heading. */
function codesOf(text: string): string[] {
  const codes = text
    .split(/\r?\n/)
    .map((line) => (line.split(/[,;\t]/)[0] ?? "").trim().replace(/^"(.*)"$/, "$1"))
    .filter(Boolean);
  return /^(coupon[ _]?)?code$|^coupon$/i.test(codes[0] ?? "") ? codes.slice(1) : codes;
}
