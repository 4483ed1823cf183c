/** What forms hold as it is typed, and the values that are sent of it. */

/** The most points that can be given or had. */
export const MOST_POINTS = 99_999_999;

/** Attributes of a field for an amount of money. */
export const AMOUNT = { inputmode: "decimal", pattern: "[0-9]+(\\.[0-9]+)?" } as const;

/** A value as a field shows it. */
export const text = (value: number | string | null | undefined): string => String(value ?? "");

/** A typed number; null for an empty field. */
export const number = (typed: string): number | null => (typed.trim() ? Number(typed) : null);
