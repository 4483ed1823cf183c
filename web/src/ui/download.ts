import { BASE, Problem } from "../api/client";
import { bearer } from "../session";

const ROWS = 1000;
const TYPE = "text/csv";

/** Saves the first rows of a list as a file. Throws `Problem`. */
export async function downloadCsv(path: string, query: Record<string, string>, name: string): Promise<void> {
  const url = `${BASE}${path}?${new URLSearchParams({ ...query, limit: String(ROWS) }).toString()}`;
  const answer = await fetch(url, { headers: { Accept: TYPE, Authorization: `Bearer ${(await bearer()) ?? ""}` } });
  if (!answer.ok) throw new Problem(answer.status, (await answer.json().catch(() => ({}))) as object);
  save(new Blob([await answer.blob()], { type: TYPE }), name);
}

/** Saves something as a file. */
export function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
