import { A, useNavigate, useParams } from "@solidjs/router";
import { createResource, createSignal, For, Match, Show, Switch, type JSX } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ifMatch, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { moment } from "../i18n/format";
import { may } from "../session";
import { action } from "../ui/action";
import { Confirm } from "../ui/confirm";
import { Fault } from "../ui/fault";
import { TextField } from "../ui/field";
import { Failed, Loading } from "../ui/states";
import { InsertField, MailPreview } from "./mail-parts";

type Template = Schemas["MessageTemplate"];

const VERSIONS = 20;
const LONGEST = 100_000;

/** One template: what it says, how that looks, and what it said before. */
export default function TemplatePage(): JSX.Element {
  const params = useParams<{ template: string }>();
  const [template, { refetch, mutate }] = createResource(
    () => (params.template === "new" ? undefined : { template: params.template }),
    (path) => ok(api.GET("/templates/{template}", { params: { path } })),
  );
  return (
    <>
      <p class="trail">
        <A href="/templates">{t("templates.title")}</A>
      </p>
      <Switch>
        <Match when={params.template === "new"}>
          <h1>{t("templates.new")}</h1>
          <Editor />
        </Match>
        <Match when={template.error}>
          <Failed error={template.error} retry={() => void refetch()} />
        </Match>
        <Match when={template()} keyed>
          {(shown) => (
            <>
              <h1>
                <bdi>{shown.name}</bdi>
              </h1>
              <Editor template={shown} onSaved={mutate} />
            </>
          )}
        </Match>
        <Match when={template.loading}>
          <Loading />
        </Match>
      </Switch>
    </>
  );
}

function Editor(props: { template?: Template; onSaved?: (template: Template) => void }): JSX.Element {
  const navigate = useNavigate();
  const [draft, setDraft] = createStore({
    name: props.template?.name ?? "",
    subject: props.template?.subject ?? "",
    text: props.template?.text ?? "",
    html: props.template?.html ?? "",
  });
  const [part, setPart] = createSignal<"text" | "html">(props.template?.html ? "html" : "text");
  const [preview, setPreview] = createSignal<Schemas["PreviewedMessage"]>();
  let area: HTMLTextAreaElement | undefined;
  const change = (name: keyof typeof draft, value: string): void => {
    setDraft(name, value);
    setPreview(undefined);
  };
  const body = (): Schemas["TemplateIn"] => ({
    name: draft.name.trim(),
    subject: draft.subject,
    text: draft.text.trim() ? draft.text : null,
    html: draft.html.trim() ? draft.html : null,
  });
  const store = action(async () => {
    if (!props.template) {
      const made = await ok(api.POST("/templates", { body: body() }));
      navigate(`/templates/${made.id}`, { replace: true });
      return;
    }
    const params = { path: { template: props.template.id }, header: ifMatch(props.template.version) };
    props.onSaved?.(await ok(api.PATCH("/templates/{template}", { params, body: body() })));
  });
  const look = action(async () => {
    const { subject, text, html } = body();
    setPreview(await ok(api.POST("/templates/preview", { body: { subject, text: text ?? null, html: html ?? null, sample: true } })));
  });
  const remove = async (template: Template): Promise<void> => {
    await ok(api.DELETE("/templates/{template}", { params: { path: { template: template.id }, header: ifMatch(template.version) } }));
    navigate("/templates");
  };
  function insert(field: string): void {
    const text = draft[part()];
    const at = area?.selectionStart ?? text.length;
    change(part(), `${text.slice(0, at)}{{ ${field} }}${text.slice(area?.selectionEnd ?? at)}`);
    area?.focus();
  }
  return (
    <>
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void store.run();
        }}
      >
        <TextField label={t("templates.name")} value={draft.name} set={(it) => change("name", it)} input={{ required: true, maxlength: 100 }} />
        <TextField
          label={t("compose.subject")}
          value={draft.subject}
          set={(it) => change("subject", it)}
          input={{ required: true, maxlength: 500 }}
        />
        <fieldset class="row">
          <legend>{t("templates.part")}</legend>
          <For each={["text", "html"] as const}>
            {(value) => (
              <label class="check">
                <input type="radio" name="part" checked={part() === value} onChange={() => setPart(value)} />
                {t(`templates.${value}`)}
              </label>
            )}
          </For>
        </fieldset>
        <div class="field">
          <label for="template-body">{t(`templates.${part()}`)}</label>
          <textarea
            id="template-body"
            ref={(element) => (area = element)}
            class={part() === "html" ? "source" : ""}
            rows="14"
            dir="auto"
            spellcheck={part() === "text"}
            maxlength={LONGEST}
            required={!draft.text && !draft.html}
            value={draft[part()]}
            aria-describedby="template-hint"
            onInput={(it) => change(part(), it.currentTarget.value)}
          />
          <p class="hint" id="template-hint">
            {t("templates.hint")} <code class="inline">{"{{ contact.first_name | default('…') }}"}</code>
          </p>
        </div>
        <InsertField onInsert={insert} />
        <Fault of={store.fault() ?? look.fault()} />
        <div class="row">
          <Show when={may("marketer")}>
            <button type="submit" class="primary" disabled={store.busy()}>
              {t("rules.save")}
            </button>
          </Show>
          <button type="button" disabled={look.busy()} onClick={() => void look.run()}>
            {t("compose.preview")}
          </button>
          <Show when={may("marketer") && props.template}>
            {(template) => (
              <Confirm
                label={t("rules.delete")}
                title={t("templates.deleteTitle", { name: template().name })}
                what={t("templates.deleteWhat")}
                now={t("rules.delete")}
                perform={() => remove(template())}
              />
            )}
          </Show>
        </div>
        <Show when={preview()}>
          {(shown) => (
            <>
              <p class="hint">{t("templates.sample")}</p>
              <MailPreview shown={shown()} />
            </>
          )}
        </Show>
      </form>
      <Show when={props.template} keyed>
        {(template) => <Versions template={template} onTake={(it) => setDraft({ name: it.name, subject: it.subject, text: it.text ?? "", html: it.html ?? "" })} />}
      </Show>
    </>
  );
}

function Versions(props: { template: Template; onTake: (template: Template) => void }): JSX.Element {
  const [found, { refetch }] = createResource(
    () => ({ template: props.template.id }),
    (path) => ok(api.GET("/templates/{template}/versions", { params: { path, query: { limit: VERSIONS } } })),
  );
  const take = action(async (version: number) => {
    const params = { path: { template: props.template.id, version: String(version) } };
    props.onTake(await ok(api.GET("/templates/{template}/versions/{version}", { params })));
    scrollTo({ top: 0 });
  });
  return (
    <section class="card">
      <h2>{t("templates.versions")}</h2>
      <Show when={!found.error} fallback={<Failed error={found.error} retry={() => void refetch()} />}>
        <ul class="timeline">
          <For each={found.latest?.versions}>
            {(version) => (
              <li>
                <time datetime={version.updated_at}>{moment(version.updated_at)}</time>
                <div>
                  <bdi>{version.subject}</bdi>
                  <Show
                    when={version.version !== props.template.version}
                    fallback={<div class="muted">{t("templates.present", { version: version.version })}</div>}
                  >
                    <button type="button" class="quiet small" disabled={take.busy()} onClick={() => void take.run(version.version)}>
                      {t("templates.take", { version: version.version })}
                    </button>
                  </Show>
                </div>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Fault of={take.fault()} />
    </section>
  );
}
