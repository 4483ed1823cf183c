import { createResource, createSignal, Show, type JSX } from "solid-js";
import { NewPasswordRequired, SignInRefused } from "../cognito";
import { language, t, type Key } from "../i18n";
import { choosePassword, goToPage, hasPage, isRefused, signIn } from "../session";
import { action } from "../ui/action";
import { Fault } from "../ui/fault";
import { Loading } from "../ui/states";

const REFUSALS: Record<string, Key> = {
  NotAuthorizedException: "signIn.wrong",
  UserNotFoundException: "signIn.wrong",
  PasswordResetRequiredException: "signIn.reset",
  UserNotConfirmedException: "signIn.unconfirmed",
  InvalidPasswordException: "signIn.weak",
  TooManyRequestsException: "signIn.tooMany",
  LimitExceededException: "signIn.tooMany",
};

/** Asks who is there, or leads to the page that does. */
export function SignIn(): JSX.Element {
  // Whoever cannot be told hears of it once the password is sent.
  const [page] = createResource(() => hasPage().catch(() => false));
  return (
    <Show when={page() !== undefined} fallback={<Loading />}>
      <Show when={page()} fallback={<AskPassword />}>
        <LeadToPage />
      </Show>
    </Show>
  );
}

function LeadToPage(): JSX.Element {
  const go = action(() => goToPage(language()));
  return (
    <section class="card narrow">
      <h1>{t("signIn.title")}</h1>
      <p>{t("signIn.pageWhat")}</p>
      <Fault of={go.fault() ?? (isRefused() ? t("signIn.unfinished") : "")} />
      <button type="button" class="primary" disabled={go.busy()} onClick={() => void go.run()}>
        {t("signIn.submit")}
      </button>
    </section>
  );
}

function AskPassword(): JSX.Element {
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
        <Fault of={fault()} />
        <button type="submit" class="primary" disabled={busy()}>
          {t("signIn.submit")}
        </button>
      </form>
    </section>
  );
}
