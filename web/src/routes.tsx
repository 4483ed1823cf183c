import { lazy, type Component } from "solid-js";
import type { Key } from "./i18n";

/** Where each screen is; a screen is loaded when it is first gone to. */
export const ROUTES: Record<string, Component> = {
  "/leaderboard": lazy(() => import("./screens/leaderboard")),
  "/audiences/:audience/contacts/:contact": lazy(() => import("./screens/contact")),
  "/alerts": lazy(() => import("./screens/alerts")),
  "/alert-rules": lazy(() => import("./screens/alert-rules")),
  "/automations": lazy(() => import("./screens/automations")),
  "/automations/:automation": lazy(() => import("./screens/automation")),
  "/rewards": lazy(() => import("./screens/rewards")),
  "/rewards/:programme": lazy(() => import("./screens/reward")),
  "/tiers": lazy(() => import("./screens/tiers")),
  "/scores": lazy(() => import("./screens/scores")),
  "/rules": lazy(() => import("./screens/rules")),
  "/back-test": lazy(() => import("./screens/back-test")),
  "/templates": lazy(() => import("./screens/templates")),
  "/templates/:template": lazy(() => import("./screens/template")),
  "/deliverability": lazy(() => import("./screens/deliverability")),
  "/settings": lazy(() => import("./screens/settings")),
  "/api-keys": lazy(() => import("./screens/api-keys")),
  "/users": lazy(() => import("./screens/users")),
  "/erasures": lazy(() => import("./screens/erasures")),
  "/stores": lazy(() => import("./screens/stores")),
  "/stores/:store": lazy(() => import("./screens/store")),
  "/stores/:store/imports": lazy(() => import("./screens/imports")),
};

/** What the navigation leads to, and the beginnings of the addresses of the screens that belong to it. */
export const NAVIGATION: { label: Key; href: string; under: string[] }[] = [
  { label: "nav.leaderboard", href: "/leaderboard", under: ["/leaderboard", "/audiences"] },
  { label: "alerts.title", href: "/alerts", under: ["/alerts", "/alert-rules"] },
  { label: "automations.title", href: "/automations", under: ["/automations"] },
  { label: "rewards.title", href: "/rewards", under: ["/rewards", "/tiers"] },
  { label: "scores.title", href: "/scores", under: ["/scores", "/rules", "/back-test"] },
  { label: "mail.title", href: "/templates", under: ["/templates", "/deliverability"] },
  { label: "stores.title", href: "/stores", under: ["/stores"] },
  { label: "settings.title", href: "/settings", under: ["/settings", "/users", "/api-keys", "/erasures"] },
];
