import { createSignal } from "solid-js";
import * as cognito from "./cognito";
import { loadConfig, type Config } from "./config";

export type Role = "viewer" | "marketer" | "owner";

/** Who is signed in, as the token says. The API checks the token itself; this only decides what is shown. */
export interface User {
  email: string;
  role: Role;
}

const RENEW_BEFORE = 60_000;
const ROLES: Role[] = ["viewer", "marketer", "owner"];

let config: Promise<Config> | undefined;
let tokens: cognito.Tokens | undefined;
let renewal: Promise<void> | undefined;
const [user, setUser] = createSignal<User>();

export { user };

/** True if the user's role may do what `role` may. */
export const may = (role: Role): boolean => ROLES.indexOf(user()?.role ?? "viewer") >= ROLES.indexOf(role);

/** Signs in. Throws as `cognito.signIn`. */
export async function signIn(email: string, password: string): Promise<void> {
  accept(await cognito.signIn(await configuration(), email, password));
}

/** Chooses the first password of one's own, and signs in. Throws as `cognito.choosePassword`. */
export async function choosePassword(asked: cognito.NewPasswordRequired, password: string): Promise<void> {
  accept(await cognito.choosePassword(await configuration(), asked, password));
}

/** Signs out, here and wherever the refresh token could be used. */
export async function signOut(): Promise<void> {
  const refresh = tokens?.refresh;
  forget();
  if (refresh) await cognito.revoke(await configuration(), refresh).catch(() => undefined);
}

/** A valid bearer token, renewed if it is about to expire; null if nobody is signed in any more. */
export async function bearer(): Promise<string | null> {
  if (tokens && tokens.expiresAt - Date.now() < RENEW_BEFORE) {
    renewal ??= renew(tokens).finally(() => (renewal = undefined));
    await renewal;
  }
  return tokens?.id ?? null;
}

/** Forgets the sign-in, after the API refused its token. */
export function forget(): void {
  tokens = undefined;
  setUser(undefined);
}

async function renew(present: cognito.Tokens): Promise<void> {
  try {
    if (!present.refresh) throw new cognito.SignInRefused("NoRefreshToken");
    accept(await cognito.refreshed(await configuration(), present.refresh));
  } catch (error) {
    if (!(error instanceof cognito.SignInRefused)) throw error;
    forget();
  }
}

function configuration(): Promise<Config> {
  config ??= loadConfig().catch((error: unknown) => {
    config = undefined;
    throw error;
  });
  return config;
}

function accept(given: cognito.Tokens): void {
  const claims = claimsOf(given.id);
  tokens = given;
  const role = ROLES.find((known) => known === claims["custom:role"]) ?? "viewer";
  const email = claims["email"] ?? "";
  if (user()?.email !== email || user()?.role !== role) setUser({ email, role });
}

function claimsOf(token: string): Record<string, string> {
  const part = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string>;
}
