const BEGINNING = 64 * 1024;
const SEPARATORS = [",", ";", "\t", "|"];

/** The headings in a CSV file's first line; none if it looks like JSON. */
export async function headingsOf(file: File): Promise<string[]> {
  const text = await file.slice(0, BEGINNING).text();
  const line = text.replace(/^\uFEFF/, "").split(/\r?\n/, 1)[0] ?? "";
  if (!line || line.startsWith("{")) return [];
  const counted = SEPARATORS.map((it) => ({ it, fields: fields(line, it) }));
  const most = counted.reduce((best, next) => (next.fields.length > best.fields.length ? next : best));
  return [...new Set(most.fields.map((it) => it.trim()).filter(Boolean))];
}

function fields(line: string, separator: string): string[] {
  const found = [""];
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) found.push("");
    else found[found.length - 1] += character;
  }
  return found;
}
