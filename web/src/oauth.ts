import { SignInRefused, type Tokens } from "./cognito";
import type { Config } from "./config";

/** A deployment that has a sign-in page. */
export type PageConfig = Config & { loginUrl: string };

/** What has to be known once the browser comes back from the sign-in page; kept for this tab alone. */
interface Asked {
  state: string;
  nonce: string;
  verifier: string;
  hash: string;
}

interface TokenAnswer {
  id_token?: string;
  access_token?: string;
  refresh_token?: string;
  expires_in?: number;
  error?: string;
}

const ASKED = "laurel.signIn";
// The second lets a user sign out on all devices; Cognito tells every attribute that the client may read with the first.
const SCOPE = "openid aws.cognito.signin.user.admin";

/** Where the sign-in page sends the browser back to: this page, without what is particular to this visit. */
const here = (): string => location.origin + location.pathname;

/** Goes to the sign-in page (authorization code with PKCE, RFC 7636), which comes back to what is open now. */
export async function leaveToSignIn(config: PageConfig, language: string): Promise<void> {
  const asked: Asked = { state: random(), nonce: random(), verifier: random(), hash: location.hash };
  sessionStorage.setItem(ASKED, JSON.stringify(asked));
  const challenge = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(asked.verifier));
  const query = new URLSearchParams({
    response_type: "code",
    client_id: config.clientId,
    redirect_uri: here(),
    scope: SCOPE,
    state: asked.state,
    nonce: asked.nonce,
    code_challenge: encoded(new Uint8Array(challenge)),
    code_challenge_method: "S256",
    lang: language,
  });
  location.assign(`${config.loginUrl}/oauth2/authorize?${query}`);
}

/** Goes to where the sign-in page forgets the user too, which comes back here. */
export function leaveToSignOut(config: PageConfig): void {
  const query = new URLSearchParams({ client_id: config.clientId, logout_uri: here() });
  location.assign(`${config.loginUrl}/logout?${query}`);
}

/** True if the browser comes from the sign-in page. */
export function isBack(): boolean {
  const given = new URLSearchParams(location.search);
  return given.has("state") && (given.has("code") || given.has("error"));
}

/** Takes what the sign-in page gave, out of the address too. Throws `SignInRefused`. */
export async function comeBack(config: PageConfig): Promise<Tokens> {
  const given = new URLSearchParams(location.search);
  const kept = sessionStorage.getItem(ASKED);
  const asked = kept ? (JSON.parse(kept) as Asked) : undefined;
  sessionStorage.removeItem(ASKED);
  history.replaceState(null, "", here() + (asked?.hash ?? ""));
  const code = given.get("code");
  if (!asked || given.get("state") !== asked.state) throw new SignInRefused("StateMismatch");
  if (!code) throw new SignInRefused(given.get("error") ?? "NoCode");
  const tokens = await ask(config, {
    grant_type: "authorization_code",
    code,
    redirect_uri: here(),
    code_verifier: asked.verifier,
  });
  const claims = claimsOf(tokens.id);
  if (claims["nonce"] !== asked.nonce || claims["aud"] !== config.clientId) throw new SignInRefused("OtherToken");
  return tokens;
}

/** New tokens for a refresh token. Throws `SignInRefused` once that has expired or was revoked. */
export async function refreshed(config: PageConfig, refresh: string): Promise<Tokens> {
  const tokens = await ask(config, { grant_type: "refresh_token", refresh_token: refresh });
  return { ...tokens, refresh: tokens.refresh ?? refresh };
}

/** What a token says. Whether it is genuine the API checks, or it came from the user pool itself. */
export function claimsOf(token: string): Record<string, string> {
  const part = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string>;
}

async function ask(config: PageConfig, request: Record<string, string>): Promise<Tokens> {
  const answer = await fetch(`${config.loginUrl}/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: config.clientId, ...request }),
  });
  const given = (await answer.json().catch(() => ({}))) as TokenAnswer;
  // The page being out of order is no reason to sign anybody out.
  if (answer.status >= 500) throw new Error(`${config.loginUrl}: ${answer.status}`);
  if (!answer.ok || !given.id_token || !given.access_token) throw new SignInRefused(given.error ?? String(answer.status));
  return {
    id: given.id_token,
    access: given.access_token,
    refresh: given.refresh_token ?? null,
    expiresAt: Date.now() + (given.expires_in ?? 0) * 1000,
  };
}

function random(): string {
  return encoded(crypto.getRandomValues(new Uint8Array(32)));
}

function encoded(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
