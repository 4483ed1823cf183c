import { HashRouter, Navigate, Route, A, useIsRouting, type RouteSectionProps } from "@solidjs/router";
import { lazy, Show, Suspense, type JSX } from "solid-js";
import { LANGUAGES, language, show, t, type Language } from "./i18n";
import { SignIn } from "./screens/sign-in";
import { signOut, user } from "./session";
import { followScreens } from "./ui/screen";
import { Loading } from "./ui/states";
import { Select } from "./ui/select";

const Leaderboard = lazy(() => import("./screens/leaderboard"));
const Stores = lazy(() => import("./screens/stores"));
const Store = lazy(() => import("./screens/store"));
const Imports = lazy(() => import("./screens/imports"));
const Templates = lazy(() => import("./screens/templates"));
const Template = lazy(() => import("./screens/template"));
const Deliverability = lazy(() => import("./screens/deliverability"));
const ApiKeys = lazy(() => import("./screens/api-keys"));
const Users = lazy(() => import("./screens/users"));
const Erasures = lazy(() => import("./screens/erasures"));
const Scores = lazy(() => import("./screens/scores"));
const Rules = lazy(() => import("./screens/rules"));
const BackTest = lazy(() => import("./screens/back-test"));
const Settings = lazy(() => import("./screens/settings"));
const Contact = lazy(() => import("./screens/contact"));

/** The whole dashboard; whoever is not signed in sees how to, and then what they asked for. */
export function App(): JSX.Element {
  return (
    <HashRouter root={Shell}>
      <Route path="/leaderboard" component={Leaderboard} />
      <Route path="/audiences/:audience/contacts/:contact" component={Contact} />
      <Route path="/scores" component={Scores} />
      <Route path="/rules" component={Rules} />
      <Route path="/back-test" component={BackTest} />
      <Route path="/templates" component={Templates} />
      <Route path="/templates/:template" component={Template} />
      <Route path="/deliverability" component={Deliverability} />
      <Route path="/settings" component={Settings} />
      <Route path="/api-keys" component={ApiKeys} />
      <Route path="/users" component={Users} />
      <Route path="/erasures" component={Erasures} />
      <Route path="/stores" component={Stores} />
      <Route path="/stores/:store" component={Store} />
      <Route path="/stores/:store/imports" component={Imports} />
      <Route path="*" component={() => <Navigate href="/leaderboard" />} />
    </HashRouter>
  );
}

function Shell(props: RouteSectionProps): JSX.Element {
  let main!: HTMLElement;
  const isRouting = useIsRouting();
  followScreens(() => main, user);
  return (
    <>
      <a class="skip" href="#main" onClick={focusMain}>
        {t("app.skip")}
      </a>
      <header class="bar">
        <A href="/leaderboard" class="brand">
          <img src="./icon.svg" alt="" width="28" height="28" />
          Laurel
        </A>
        <Show when={user()}>
          <nav aria-label={t("app.navigation")}>
            <A href="/leaderboard">{t("leaderboard.title")}</A>
            <A href="/scores">{t("scores.title")}</A>
            <A href="/rules">{t("rules.title")}</A>
            <A href="/templates">{t("mail.title")}</A>
            <A href="/stores">{t("stores.title")}</A>
            <A href="/settings">{t("settings.title")}</A>
          </nav>
        </Show>
        <div class="bar-end">
          <Select
            label={t("app.language")}
            hidden
            value={language()}
            options={Object.entries(LANGUAGES).map(([value, label]) => ({ value: value as Language, label }))}
            onChange={(wanted) => void show(wanted, true)}
          />
          <Show when={user()}>
            {(present) => (
              <button type="button" class="quiet" title={present().email} onClick={() => void signOut()}>
                {t("app.signOut")}
              </button>
            )}
          </Show>
        </div>
      </header>
      <main id="main" tabindex="-1" aria-busy={isRouting()} ref={main}>
        <Show when={user()} fallback={<SignIn />}>
          <Suspense fallback={<Loading />}>{props.children}</Suspense>
        </Show>
      </main>
    </>
  );
}

function focusMain(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
