import createClient, { type Middleware } from "openapi-fetch";
import { bearer, forget } from "../session";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** What the API says went wrong (RFC 9457); `slug` is the last part of its type. */
export class Problem extends Error {
  readonly slug: string;
  constructor(
    readonly status: number,
    readonly document: Partial<Schemas["Problem"]>,
  ) {
    super(document.detail ?? document.title ?? String(status));
    this.slug = document.type?.split(":").pop() ?? "unknown";
  }
}

const authorization: Middleware = {
  async onRequest({ request }) {
    const token = await bearer();
    if (token) request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
  onResponse({ response }) {
    if (response.status === 401) forget();
    return response;
  },
};

/** The API's base, on the dashboard's own origin. */
export const BASE = "/v1";

export const api = createClient<paths>({ baseUrl: BASE });
api.use(authorization);

/** Has a change refused if the thing is no longer in this version. */
export const ifMatch = (version: number): { "If-Match": string } => ({ "If-Match": `"${version}"` });

/** What a JSON answer holds (text is what downloads ask for). Throws `Problem` for an error, and whatever `fetch` throws if there was no answer. */
export async function ok<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<Exclude<T, string>> {
  const { data, error, response } = await answer;
  if (data === undefined) throw new Problem(response.status, (error ?? {}) as Partial<Schemas["Problem"]>);
  return data as Exclude<T, string>;
}
