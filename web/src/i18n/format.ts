import { language, t } from "./index";

/** A decimal string as the API gives it, such as "59.90". */
type Decimal = `${number}`;

/** An amount of money in major units, as a decimal string; never a binary fraction. */
export function money(amount: string, currency: string): string {
  return new Intl.NumberFormat(language(), { style: "currency", currency }).format(amount as Decimal);
}

/** A difference of money in major units, with its sign. */
export function signed(amount: string, currency: string): string {
  const format = new Intl.NumberFormat(language(), { style: "currency", currency, signDisplay: "exceptZero" });
  return format.format(amount as Decimal);
}

/** Decimal strings added up, exactly. */
export function sum(amounts: string[]): string {
  const places = Math.max(0, ...amounts.map((it) => it.split(".")[1]?.length ?? 0));
  const scaled = amounts.reduce((all, it) => all + BigInt(minor(it, places)), 0n);
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, "0");
  const cut = digits.length - places;
  return `${scaled < 0n ? "-" : ""}${digits.slice(0, cut)}${places ? `.${digits.slice(cut)}` : ""}`;
}

const minor = (amount: string, places: number): string => {
  const [units, parts = ""] = amount.split(".");
  return `${units}${parts.padEnd(places, "0")}`;
};

/** A time zone as people call it, such as "Central European Time". */
export function zoneName(timeZone: string): string {
  const parts = new Intl.DateTimeFormat(language(), { timeZone, timeZoneName: "longGeneric" }).formatToParts();
  return parts.find((part) => part.type === "timeZoneName")?.value ?? timeZone;
}

/** A whole number. */
export function whole(value: number): string {
  return new Intl.NumberFormat(language()).format(value);
}

/** A share between 0 and 1; small ones with more digits. */
export function percent(share: number): string {
  return new Intl.NumberFormat(language(), { style: "percent", maximumFractionDigits: share < 0.01 ? 2 : 1 }).format(share);
}

/** A number with parts, of which two digits are shown. */
export function decimal(value: number): string {
  return new Intl.NumberFormat(language(), { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);
}

/** Names one after the other, as one text. */
export function listed(names: string[]): string {
  return new Intl.ListFormat(language(), { type: "conjunction" }).format(names);
}

/** A day. */
export function day(instant: string | Date, timeZone?: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium", ...zoned(timeZone) }).format(new Date(instant));
}

/** A day of the calendar such as 2026-11-22, which is no instant. */
export function calendarDay(date: string): string {
  return day(`${date}T00:00:00Z`, "UTC");
}

/** A month such as 2026-11. */
export function month(id: string, style: "long" | "short" = "long"): string {
  const format = new Intl.DateTimeFormat(language(), { year: "numeric", month: style, timeZone: "UTC" });
  return format.format(new Date(`${id}-01T00:00:00Z`));
}

/** A period such as 2026-11, 2026-W47, 2026-Q4, 2026 or all. */
export function periodName(id: string): string {
  const [year, part] = id.split("-") as [string, string?];
  if (part?.startsWith("W")) return t("period.week", { week: String(Number(part.slice(1))), year });
  if (part?.startsWith("Q")) return t("period.quarter", { quarter: part.slice(1), year });
  if (part) return month(id);
  return id === "all" ? t("frame.all_time") : year;
}

/** A day of the week; 0 is Monday. */
export function weekday(place: number): string {
  return new Intl.DateTimeFormat(language(), { weekday: "long", timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + place)));
}

/** A day and time. */
export function moment(instant: string | Date, timeZone?: string): string {
  const style = { dateStyle: "medium", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(language(), { ...style, ...zoned(timeZone) }).format(new Date(instant));
}

/** The days of a period as one text; `end` is the first instant after it. */
export function days(start: string, end: string, timeZone: string): string {
  const last = new Date(new Date(end).getTime() - 1);
  return new Intl.DateTimeFormat(language(), { dateStyle: "long", timeZone }).formatRange(new Date(start), last);
}

/** A length of time in words, in its largest unit. */
export function duration(seconds: number): string {
  const [unit, length] = DURATIONS.find(([, length]) => seconds >= length) ?? DURATIONS.at(-1)!;
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "long" }).format(Math.round(seconds / length));
}

const DURATIONS: ["hour" | "minute" | "second", number][] = [
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** How long ago something was. */
export function ago(instant: string, now = Date.now()): string {
  const seconds = (new Date(instant).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  for (const [unit, length] of UNITS) if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit);
  return format.format(Math.round(seconds), "second");
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

const zoned = (timeZone?: string): { timeZone?: string } => (timeZone ? { timeZone } : {});
