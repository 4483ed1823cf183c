import { createResource, For, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { may } from "../session";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";

/** The account's audiences, for owners to name and add. */
export function Audiences(): JSX.Element {
  const [found, { refetch }] = createResource(() => ok(api.GET("/audiences")));
  const add = action(async (form: HTMLFormElement) => {
    await ok(api.POST("/audiences", { body: named(form) }));
    form.reset();
    void refetch();
  });
  return (
    <section class="card">
      <h2>{t("audiences.title")}</h2>
      <p class="muted">{t("audiences.what")}</p>
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => <For each={shown().audiences}>{(audience) => <One audience={audience} onChange={() => void refetch()} />}</For>}
      </Loaded>
      <Show when={may("owner")}>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void add.run(event.currentTarget);
          }}
        >
          <Field label={t("audiences.new")} input={{ name: "name", required: true, maxlength: 100 }} />
          <Fault of={add.fault()} />
          <button type="submit" disabled={add.busy()}>
            {t("senders.addNow")}
          </button>
        </form>
      </Show>
    </section>
  );
}

function One(props: { audience: Schemas["Audience"]; onChange: () => void }): JSX.Element {
  const rename = action(async (form: HTMLFormElement) => {
    const params = { path: { audience: props.audience.id } };
    await ok(api.PATCH("/audiences/{audience}", { params, body: named(form) }));
    props.onChange();
  });
  return (
    <Show
      when={may("owner")}
      fallback={
        <p>
          <bdi>{props.audience.name}</bdi>
        </p>
      }
    >
      <form
        class="row named"
        onSubmit={(event) => {
          event.preventDefault();
          void rename.run(event.currentTarget);
        }}
      >
        <Field label={t("settings.name")} input={{ name: "name", required: true, maxlength: 100, value: props.audience.name }} />
        <button type="submit" disabled={rename.busy()} aria-label={`${t("audiences.rename")}: ${props.audience.name}`}>
          {t("audiences.rename")}
        </button>
        <Fault of={rename.fault()} />
      </form>
    </Show>
  );
}

const named = (form: HTMLFormElement): Schemas["AudienceNew"] => ({ name: String(new FormData(form).get("name")).trim() });
