/** What a deployment tells the dashboard, in `config.json` beside its files. */
export interface Config {
  /** The user pool's own API. */
  userPoolUrl: string;
  clientId: string;
  /** The hosted sign-in page, null where there is none. */
  loginUrl: string | null;
}

/** Reads the deployment's configuration. Throws if it is not there. */
export async function loadConfig(): Promise<Config> {
  const answer = await fetch("./config.json", { cache: "no-cache" });
  if (!answer.ok) throw new Error(`config.json: ${answer.status}`);
  return (await answer.json()) as Config;
}
