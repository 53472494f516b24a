import { mount } from "svelte";

import "../app.css";
import ApiPage from "./ApiPage.svelte";

const target = document.getElementById("app");
if (target === null) throw new Error("api-docs.html has no #app");
export default mount(ApiPage, { target });
