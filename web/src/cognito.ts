import type { Config } from "./config";

/** What a sign-in gives; kept in memory only, so it ends with the page. */
export interface Tokens {
  id: string;
  access: string;
  refresh: string | null;
  expiresAt: number;
}

/** The user pool asks for a new password before it lets this user in. */
export class NewPasswordRequired extends Error {
  constructor(
    readonly email: string,
    readonly session: string,
  ) {
    super("A new password is required.");
  }
}

/** The user pool refused; `code` is its name for why. */
export class SignInRefused extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

interface AuthenticationAnswer {
  AuthenticationResult?: { IdToken: string; AccessToken: string; RefreshToken?: string; ExpiresIn: number };
  ChallengeName?: string;
  Session?: string;
}

/** Signs in at the user pool's API. Throws `SignInRefused` or `NewPasswordRequired`. */
export async function signIn(config: Config, email: string, password: string): Promise<Tokens> {
  const answer = await ask(config, "InitiateAuth", {
    ClientId: config.clientId,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: email, PASSWORD: password },
  });
  if (answer.ChallengeName === "NEW_PASSWORD_REQUIRED") throw new NewPasswordRequired(email, answer.Session ?? "");
  return tokens(answer, null);
}

/** Answers the demand for a new password, and signs in. Throws `SignInRefused`. */
export async function choosePassword(config: Config, asked: NewPasswordRequired, password: string): Promise<Tokens> {
  const answer = await ask(config, "RespondToAuthChallenge", {
    ClientId: config.clientId,
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session: asked.session,
    ChallengeResponses: { USERNAME: asked.email, NEW_PASSWORD: password },
  });
  return tokens(answer, null);
}

/** New tokens for a refresh token. Throws `SignInRefused` once that has expired or was revoked. */
export async function refreshed(config: Config, refresh: string): Promise<Tokens> {
  const answer = await ask(config, "InitiateAuth", {
    ClientId: config.clientId,
    AuthFlow: "REFRESH_TOKEN_AUTH",
    AuthParameters: { REFRESH_TOKEN: refresh },
  });
  return tokens(answer, refresh);
}

/** Ends this sign-in: its refresh token gives no more tokens. */
export async function revoke(config: Config, refresh: string): Promise<void> {
  await ask(config, "RevokeToken", { ClientId: config.clientId, Token: refresh });
}

/** Ends all sign-ins of this user, on all devices. Throws `SignInRefused`. */
export async function revokeAll(config: Config, access: string): Promise<void> {
  await ask(config, "GlobalSignOut", { AccessToken: access });
}

async function ask(config: Config, operation: string, request: object): Promise<AuthenticationAnswer> {
  const answer = await fetch(config.userPoolUrl, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(request),
  });
  const body = (await answer.json().catch(() => ({}))) as AuthenticationAnswer & { __type?: string };
  // The user pool being out of order is no reason to sign anybody out.
  if (answer.status >= 500) throw new Error(`${config.userPoolUrl}: ${answer.status}`);
  if (!answer.ok) throw new SignInRefused(body.__type?.split("#").pop() ?? String(answer.status));
  return body;
}

function tokens(answer: AuthenticationAnswer, refresh: string | null): Tokens {
  const result = answer.AuthenticationResult;
  if (!result) throw new SignInRefused(answer.ChallengeName ?? "NoTokens");
  return {
    id: result.IdToken,
    access: result.AccessToken,
    refresh: result.RefreshToken ?? refresh,
    expiresAt: Date.now() + result.ExpiresIn * 1000,
  };
}
