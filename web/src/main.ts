import { mount } from "svelte";

import App from "./App.svelte";
import "./app.css";
import { language } from "./lib/language.svelte";
import { theme } from "./lib/theme.svelte";

const target = document.getElementById("app");
if (target === null) throw new Error("index.html has no #app");
theme.begin();
// Not before its words are there, so that nothing is shown in two languages.
await language.begin();
export default mount(App, { target });
