// A technique that looks at runs, as the page of trainings shows it: with the
// chosen runs, and its parameters in the page's address.
import { tidy, type Route } from "../route";
import type { JobRequest, Method } from "../types";
import { drawn, View } from "../view/view.svelte";
import { page } from "./page.svelte";

/** Whether a technique looks at runs, be it in place of a model. */
export const looksAtRuns = (m: Method) => ofRuns(m) || (m.instead ?? []).includes("runs");

/** Whether a technique looks at runs and nothing else, so that its place is the page of trainings. */
export const ofRuns = (m: Method) => m.needs.includes("runs");

export class RunsView extends View {
  override get route(): Route {
    return { ...super.route, method: this.method.name, params: page.view.params };
  }

  override get needsImage(): boolean {
    return false;
  }

  override get lacking(): [] {
    return [];
  }

  override get request(): JobRequest {
    const { params } = tidy(this.route, this.method);
    const asked = Object.entries(params).filter(([name]) => !(drawn as readonly string[]).includes(name));
    return { method: this.method.name, runs: page.chosen.map((r) => r.id), params: Object.fromEntries(asked) };
  }

  override change(params: Record<string, string[]>, inPlace = false): void {
    const next = tidy({ ...this.route, params: { ...page.view.params, ...params } }, this.method).params;
    page.change({ params: next }, inPlace);
  }

  override reset(): void {
    page.change({ params: {} });
  }
}
