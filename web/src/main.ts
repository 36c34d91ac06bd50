import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import { styleSheet } from "./lib/palette";
import { session } from "./lib/session.svelte";

const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [sheet];

async function start(): Promise<void> {
  await session.load();
  sheet.replaceSync(styleSheet(session.palette));
  mount(App, { target: document.getElementById("app")! });
}

void start();
