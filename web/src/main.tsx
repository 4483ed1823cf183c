import { render } from "solid-js/web";
import { App } from "./app";
import { preferred, show } from "./i18n";
import { arrive } from "./session";
import "./styles.css";
import "./screens.css";

await show(preferred());
await arrive(preferred());
render(() => <App />, document.getElementById("app")!);
