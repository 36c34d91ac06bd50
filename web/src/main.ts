import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import { styleSheet } from "./lib/palette";
import { emptyRoute, runOfMLflow } from "./lib/route";
import { router } from "./lib/router.svelte";
import { session } from "./lib/session.svelte";
import { address as training } from "./lib/training/page.svelte";
import { runs } from "./lib/training/runs.svelte";

const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [sheet];

async function start(): Promise<void> {
  const run = runOfMLflow(location.hash);
  if (run !== undefined) router.replace({ ...emptyRoute, method: training, params: run ? { run: [run] } : {} });
  if (router.route.method === training) runs.early();
  await session.load();
  sheet.replaceSync(styleSheet(session.palette));
  mount(App, { target: document.getElementById("app")! });
}

void start();
