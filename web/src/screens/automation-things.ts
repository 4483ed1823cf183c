import { api, ok, type Schemas } from "../api/client";

/** What automations and rewards of an audience can name. */
export interface Things {
  stores: Schemas["Store"][];
  templates: Schemas["TemplateSummary"][];
  programmes: Schemas["Programme"][];
}

/** Reads what can be named in an audience. */
export async function thingsOf(audience: string): Promise<Things> {
  const [stores, templates, programmes] = await Promise.all([
    ok(api.GET("/stores")),
    ok(api.GET("/templates")),
    ok(api.GET("/audiences/{audience}/programmes", { params: { path: { audience } } })),
  ]);
  return {
    stores: stores.stores.filter((it) => it.audience_id === audience),
    templates: templates.templates,
    programmes: programmes.programmes,
  };
}

/** The name of one of them; undefined for what is there no longer. */
export function nameIn(list: { id: string; name: string }[], id: string): string | undefined {
  return list.find((it) => it.id === id)?.name;
}
