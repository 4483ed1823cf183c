const kept = new Map<string, string>();

/** Keeps a webhook secret until it is shown; the API tells it only once. */
export function keepSecret(store: string, secret: string | null): void {
  if (secret) kept.set(store, secret);
}

/** The secret that was made in this page, if any. */
export const secretOf = (store: string): string | undefined => kept.get(store);
