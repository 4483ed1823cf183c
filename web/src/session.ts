import { createSignal } from "solid-js";
import * as cognito from "./cognito";
import { loadConfig, type Config } from "./config";
import * as oauth from "./oauth";

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
const [isRefused, setRefused] = createSignal(false);

/** Set while somebody who came by the sign-in page is signed in here, so that a reloaded tab fetches new tokens there. */
const CAME = "laurel.signedIn";

/** Who is signed in; and whether the sign-in page sent back somebody who could not be let in. */
export { user, isRefused };

/** Lets in who comes from the sign-in page, and sends there who was signed in before the page was loaded again. */
export async function arrive(language: string): Promise<void> {
  const isBack = oauth.isBack();
  if (!isBack && !sessionStorage.getItem(CAME)) return;
  const page = withPage(await configuration().catch(() => undefined));
  if (!page) return;
  sessionStorage.removeItem(CAME);
  if (!isBack) return oauth.leaveToSignIn(page, language);
  try {
    accept(await oauth.comeBack(page));
    sessionStorage.setItem(CAME, "1");
  } catch {
    setRefused(true);
  }
}

/** True where users sign in on a page of the user pool's. */
export async function hasPage(): Promise<boolean> {
  return withPage(await configuration()) !== undefined;
}

/** Goes to the user pool's sign-in page. */
export async function goToPage(language: string): Promise<void> {
  const page = withPage(await configuration());
  if (page) await oauth.leaveToSignIn(page, language);
}

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

/** Signs out here: the tokens are forgotten, and no more are given. */
export async function signOut(): Promise<void> {
  const refresh = tokens?.refresh;
  await end(async (config) => refresh && cognito.revoke(config, refresh).catch(() => undefined));
}

/** Signs out on all devices. Throws if the user pool could not be told. */
export async function signOutEverywhere(): Promise<void> {
  await bearer();
  try {
    if (tokens) await cognito.revokeAll(await configuration(), tokens.access);
  } catch (error) {
    // What it refuses was ended before.
    if (!(error instanceof cognito.SignInRefused)) throw error;
  }
  await end(() => Promise.resolve());
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
  sessionStorage.removeItem(CAME);
  setUser(undefined);
}

async function renew(present: cognito.Tokens): Promise<void> {
  try {
    if (!present.refresh) throw new cognito.SignInRefused("NoRefreshToken");
    const told = await configuration();
    const page = withPage(told);
    accept(await (page ? oauth.refreshed(page, present.refresh) : cognito.refreshed(told, present.refresh)));
  } catch (error) {
    if (!(error instanceof cognito.SignInRefused)) throw error;
    forget();
  }
}

async function end(tell: (config: Config) => Promise<unknown>): Promise<void> {
  forget();
  const told = await configuration();
  await tell(told);
  const page = withPage(told);
  if (page) oauth.leaveToSignOut(page);
}

function withPage(told: Config | undefined): oauth.PageConfig | undefined {
  return told?.loginUrl ? { ...told, loginUrl: told.loginUrl } : undefined;
}

function configuration(): Promise<Config> {
  config ??= loadConfig().catch((error: unknown) => {
    config = undefined;
    throw error;
  });
  return config;
}

function accept(given: cognito.Tokens): void {
  const claims = oauth.claimsOf(given.id);
  tokens = given;
  const role = ROLES.find((known) => known === claims["custom:role"]) ?? "viewer";
  const email = claims["email"] ?? "";
  if (user()?.email !== email || user()?.role !== role) setUser({ email, role });
}
