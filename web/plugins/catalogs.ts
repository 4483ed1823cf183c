import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse, TYPE, type MessageFormatElement } from "@formatjs/icu-messageformat-parser";
import type { Plugin } from "vite";

const CATALOGS = join(import.meta.dirname, "..", "src", "i18n");
const CATALOG = /\/src\/i18n\/[\w-]+\.json$/;
const REFERENCE = "en.json";
const KEYS = "virtual:message-keys";
const RESOLVED = `\0${KEYS}`;

/**
 * Parses ICU messages while building, so that the browser needs no parser, and fails the build if a language lacks a
 * message, has one too many, or uses other arguments than English. A catalog becomes a list of messages in the order of
 * English, so that keys are shipped once (`virtual:message-keys`); messages without arguments stay text.
 */
export function catalogs(): Plugin {
  return {
    name: "catalogs",
    enforce: "pre",
    resolveId(id) {
      return id === KEYS ? RESOLVED : null;
    },
    load(id) {
      if (id !== RESOLVED) return null;
      const path = join(CATALOGS, REFERENCE);
      this.addWatchFile(path);
      return `export default ${JSON.stringify(Object.keys(read(path)))}`;
    },
    transform(code, id) {
      if (!CATALOG.test(id)) return null;
      const folder = dirname(id);
      const reference = read(join(folder, REFERENCE));
      const messages = parsed(JSON.parse(code) as Record<string, string>, basename(id));
      const faults = differences(reference, messages);
      if (faults.length) this.error(`${basename(id)}: ${faults.join("; ")}`);
      for (const name of readdirSync(folder)) this.addWatchFile(join(folder, name));
      const listed = Object.keys(reference).map((key) => shortened(messages[key]!));
      return { code: `export default ${JSON.stringify(listed)}`, map: null, moduleType: "js" };
    },
  };
}

function shortened(message: MessageFormatElement[]): string | MessageFormatElement[] {
  const [first, ...others] = message;
  if (!first) return "";
  return first.type === TYPE.literal && !others.length ? first.value : message;
}

type Messages = Record<string, MessageFormatElement[]>;

function read(path: string): Messages {
  return parsed(JSON.parse(readFileSync(path, "utf8")) as Record<string, string>, basename(path));
}

function parsed(messages: Record<string, string>, name: string): Messages {
  return Object.fromEntries(
    Object.entries(messages).map(([key, message]) => {
      try {
        return [key, parse(message)];
      } catch (error) {
        throw new Error(`${name}, ${key}: ${String(error)}`);
      }
    }),
  );
}

function differences(reference: Messages, messages: Messages): string[] {
  const missing = Object.keys(reference).filter((key) => !(key in messages));
  const unknown = Object.keys(messages).filter((key) => !(key in reference));
  const changed = Object.keys(reference).filter(
    (key) => messages[key] && named(reference[key]!) !== named(messages[key]!),
  );
  return [
    ...missing.map((key) => `${key} is missing`),
    ...unknown.map((key) => `${key} is not in ${REFERENCE}`),
    ...changed.map((key) => `${key} has other arguments than in ${REFERENCE}`),
  ];
}

function named(elements: MessageFormatElement[]): string {
  const names = new Set<string>();
  const visit = (element: MessageFormatElement): void => {
    if (element.type !== TYPE.literal && element.type !== TYPE.pound) names.add(element.value);
    if (element.type === TYPE.plural || element.type === TYPE.select)
      Object.values(element.options).forEach((option) => option.value.forEach(visit));
    if (element.type === TYPE.tag) element.children.forEach(visit);
  };
  elements.forEach(visit);
  return [...names].sort().join(",");
}
