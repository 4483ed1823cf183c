import { Show, type JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { MailFrame } from "../ui/mail-frame";
import { Select } from "../ui/select";

type MergeField = Schemas["PreviewedMessage"]["missing"][number];

const FIELDS = [
  "contact.first_name",
  "contact.last_name",
  "contact.name",
  "contact.score",
  "store.name",
  "store.total_spent",
  "store.orders_count",
  "rank.total_spent",
  "rank.orders_count",
  "account.name",
  "coupon",
] as const satisfies MergeField[];

/** Offers the fields that a mail may name. */
export function InsertField(props: { onInsert: (field: string) => void }): JSX.Element {
  return (
    <Select
      label={t("compose.insert")}
      value=""
      options={[
        { value: "", label: t("compose.insertWhat") },
        ...FIELDS.map((value) => ({ value: value as string, label: t(`mergeField.${value}`) })),
      ]}
      onChange={(value) => value && props.onInsert(value)}
    />
  );
}

/** A mail as its reader would see it, in a frame that runs and loads nothing. */
export function MailPreview(props: { shown: Pick<Schemas["PreviewedMessage"], "subject" | "html" | "text" | "missing"> }): JSX.Element {
  return (
    <section class="preview" aria-label={t("compose.preview")}>
      <p>
        <strong>
          <bdi>{props.shown.subject}</bdi>
        </strong>
      </p>
      <Show when={props.shown.html} fallback={<pre>{props.shown.text}</pre>}>
        {(html) => <MailFrame title={t("compose.preview")} html={html()} />}
      </Show>
      <Show when={props.shown.missing.length}>
        <p class="fault">{t("compose.missing", { fields: props.shown.missing.map(named).join(", ") })}</p>
      </Show>
    </section>
  );
}

function named(field: MergeField): string {
  const known = FIELDS.find((it) => it === field);
  return known ? t(`mergeField.${known}`) : field;
}
