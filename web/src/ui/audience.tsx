import { useSearchParams } from "@solidjs/router";
import { createMemo, createResource, Show, type Accessor, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { Select } from "./select";
import { Failed, Loading } from "./states";

type Audience = Schemas["Audience"];

/** A screen about one audience, which is in the URL; with one audience there is nothing to choose. */
export function WithAudience(props: { children: (audience: Accessor<Audience>) => JSX.Element }): JSX.Element {
  const [search, setSearch] = useSearchParams<Record<"audience" | "page" | "job", string>>();
  const [audiences, { refetch }] = createResource(async () => (await ok(api.GET("/audiences"))).audiences);
  const audience = createMemo(() => audiences()?.find((it) => it.id === search.audience) ?? audiences()?.[0]);
  return (
    <Show when={!audiences.error} fallback={<Failed error={audiences.error} retry={() => void refetch()} />}>
      <Show when={audience()} fallback={<Loading />}>
        {(present) => (
          <>
            <Show when={(audiences()?.length ?? 0) > 1}>
              <div class="choices">
                <Select
                  label={t("leaderboard.audience")}
                  value={present().id}
                  options={audiences()!.map((it) => ({ value: it.id, label: it.name }))}
                  onChange={(wanted) => setSearch({ audience: wanted, page: undefined, job: undefined })}
                />
              </div>
            </Show>
            <Show when={present().id} keyed>
              {(_) => props.children(present)}
            </Show>
          </>
        )}
      </Show>
    </Show>
  );
}
