import { mount } from "svelte";

import "../app.css";
import { theme } from "../lib/theme.svelte";
import ApiPage from "./ApiPage.svelte";

const target = document.getElementById("app");
if (target === null) throw new Error("api-docs.html has no #app");
theme.begin();
export default mount(ApiPage, { target });
