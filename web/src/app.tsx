import { HashRouter, Navigate, Route, A, useIsRouting, useLocation, type RouteSectionProps } from "@solidjs/router";
import { createEffect, createSignal, For, on, Show, Suspense, type JSX } from "solid-js";
import { LANGUAGES, language, show, t, type Language } from "./i18n";
import { NAVIGATION, ROUTES } from "./routes";
import { SignIn } from "./screens/sign-in";
import { signOut, user } from "./session";
import { followScreens } from "./ui/screen";
import { Loading } from "./ui/states";
import { Select } from "./ui/select";

/** The whole dashboard; whoever is not signed in sees how to, and then what they asked for. */
export function App(): JSX.Element {
  return (
    <HashRouter root={Shell}>
      <For each={Object.entries(ROUTES)}>{([path, screen]) => <Route path={path} component={screen} />}</For>
      <Route path="*" component={() => <Navigate href="/leaderboard" />} />
    </HashRouter>
  );
}

function Shell(props: RouteSectionProps): JSX.Element {
  let main!: HTMLElement;
  const isRouting = useIsRouting();
  const location = useLocation();
  const isUnder = (beginnings: string[]): boolean =>
    beginnings.some((it) => location.pathname === it || location.pathname.startsWith(`${it}/`));
  const [isOpen, setOpen] = createSignal(false);
  followScreens(() => main, user);
  createEffect(on(() => location.pathname, () => setOpen(false)));
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
          <button type="button" class="menu" aria-expanded={isOpen()} aria-controls="navigation" onClick={() => setOpen(!isOpen())}>
            {t("app.menu")}
          </button>
          <nav id="navigation" aria-label={t("app.navigation")} classList={{ open: isOpen() }}>
            <For each={NAVIGATION}>
              {(it) => (
                <A href={it.href} classList={{ active: isUnder(it.under) }}>
                  {t(it.label)}
                </A>
              )}
            </For>
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
