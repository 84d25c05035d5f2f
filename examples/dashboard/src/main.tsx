import "@fontsource-variable/ibm-plex-sans/wght.css";
import "@fontsource/ibm-plex-mono/latin-400.css";
import "@fontsource/ibm-plex-mono/latin-500.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/layout.css";
import "./styles/views.css";
import { render } from "preact";
import { App } from "./app.js";
import { followAddress } from "./state/address.js";
import { followProject } from "./state/live.js";
import { loadOnChange } from "./state/project.js";

followAddress();
loadOnChange();
followProject();
const root = document.querySelector("#app");
if (root !== null) render(<App />, root);
