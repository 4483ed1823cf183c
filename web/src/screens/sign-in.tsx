import { createSignal, Show, type JSX } from "solid-js";
import { NewPasswordRequired, SignInRefused } from "../cognito";
import { t, type Key } from "../i18n";
import { choosePassword, signIn } from "../session";

const REFUSALS: Record<string, Key> = {
  NotAuthorizedException: "signIn.wrong",
  UserNotFoundException: "signIn.wrong",
  PasswordResetRequiredException: "signIn.reset",
  UserNotConfirmedException: "signIn.unconfirmed",
  InvalidPasswordException: "signIn.weak",
  TooManyRequestsException: "signIn.tooMany",
  LimitExceededException: "signIn.tooMany",
};

/** Asks who is there. */
export function SignIn(): JSX.Element {
  const [asked, setAsked] = createSignal<NewPasswordRequired>();
  const [fault, setFault] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const password = String(form.get("password") ?? "");
    const challenge = asked();
    setBusy(true);
    setFault(undefined);
    try {
      if (challenge) await choosePassword(challenge, password);
      else await signIn(String(form.get("email") ?? "").trim(), password);
    } catch (error) {
      if (error instanceof NewPasswordRequired) setAsked(error);
      else setFault(t(error instanceof SignInRefused ? (REFUSALS[error.code] ?? "signIn.refused") : "state.offline"));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section class="card narrow">
      <h1>{asked() ? t("signIn.newPassword") : t("signIn.title")}</h1>
      <form onSubmit={(event) => void submit(event)}>
        <Show when={!asked()} fallback={<p>{t("signIn.newPasswordWhy")}</p>}>
          <div class="field">
            <label for="email">{t("signIn.email")}</label>
            <input id="email" name="email" type="email" autocomplete="username" required autofocus />
          </div>
        </Show>
        <div class="field">
          <label for="password">{asked() ? t("signIn.newPassword") : t("signIn.password")}</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete={asked() ? "new-password" : "current-password"}
            minlength={asked() ? 12 : undefined}
            required
          />
        </div>
        <p role="alert" class="fault">
          {fault()}
        </p>
        <button type="submit" class="primary" disabled={busy()}>
          {t("signIn.submit")}
        </button>
      </form>
    </section>
  );
}
