import { IntlMessageFormat } from "intl-messageformat";
import { createSignal } from "solid-js";
import type { MessageFormatElement } from "@formatjs/icu-messageformat-parser";
import keys from "virtual:message-keys";
import type en from "./en.json";

/** A message of the catalogs; every language has all of them, or the build fails. */
export type Key = keyof typeof en;
export type Values = Record<string, string | number | boolean | Date | null>;
/** In the order of the keys; what has no arguments is text. */
type Catalog = (string | MessageFormatElement[])[];

export const LANGUAGES = { en: "English", "pt-BR": "Português", fr: "Français", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

const CHOSEN = "laurel.language";
const LOADERS: Record<Language, () => Promise<{ default: unknown }>> = {
  en: () => import("./en.json"),
  "pt-BR": () => import("./pt-BR.json"),
  fr: () => import("./fr.json"),
  de: () => import("./de.json"),
};

const PLACES = new Map(keys.map((key, place) => [key, place]));

const [loaded, setLoaded] = createSignal<{ language: Language; catalog: Catalog; formats: Map<Key, IntlMessageFormat> }>();

/** The language that is shown. */
export const language = (): Language => loaded()?.language ?? "en";

/** Shows another language, and remembers it where `chosen` by the user. */
export async function show(wanted: Language, chosen = false): Promise<void> {
  const catalog = (await LOADERS[wanted]()).default as Catalog;
  if (chosen) localStorage.setItem(CHOSEN, wanted);
  document.documentElement.lang = wanted;
  setLoaded({ language: wanted, catalog, formats: new Map() });
}

/** The language to begin with: chosen earlier, else the browser's. */
export function preferred(): Language {
  const wanted = [localStorage.getItem(CHOSEN), ...navigator.languages];
  for (const locale of wanted) {
    const base = locale?.split("-")[0]?.toLowerCase();
    const found = (Object.keys(LANGUAGES) as Language[]).find((known) => known.split("-")[0] === base);
    if (base && found) return found;
  }
  return "en";
}

/** True once the user chose a language here. */
export const hasChosen = (): boolean => localStorage.getItem(CHOSEN) !== null;

/** A message in the language that is shown. */
export function t(key: Key, values?: Values): string {
  const shown = loaded();
  if (!shown) return "";
  const message = shown.catalog[PLACES.get(key)!]!;
  if (typeof message === "string") return message;
  let format = shown.formats.get(key);
  if (!format) {
    format = new IntlMessageFormat(message, shown.language);
    shown.formats.set(key, format);
  }
  return String(format.format(values && isolated(values)));
}

const TURNING = /[\p{Bidi_Control}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const ISOLATES = /[\u2066-\u2069]/g;

/** Values with what people wrote from right to left, or pretend to, shut off from the message that they are put into. */
function isolated(values: Values): Values {
  const shut = (value: Values[string]): Values[string] =>
    typeof value === "string" && TURNING.test(value) ? `\u2068${value.replace(ISOLATES, "")}\u2069` : value;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shut(value)]));
}
