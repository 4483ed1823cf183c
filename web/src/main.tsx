import { render } from "solid-js/web";
import { App } from "./app";
import { preferred, show } from "./i18n";
import "./styles.css";
import "./screens.css";

await show(preferred());
render(() => <App />, document.getElementById("app")!);
