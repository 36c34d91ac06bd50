import { api } from "../api";
import { session } from "../session.svelte";
import { complaint } from "../form";
import type { Param } from "../types";

/** Where a form finds values. */
export type Source = "layers" | "modules" | "classes";

export interface Suggestion {
  value: string;
  note: string;
}

const most = 50;

/** Finds values for a parameter as one types. */
export class Suggestions {
  list = $state.raw<Suggestion[]>([]);
  #stop = new AbortController();

  /** Labels of classes that were met, so that chosen numbers can show them. */
  readonly labels = $state<Record<string, string>>({});

  async find(source: Source | undefined, model: string, text: string, param: Param): Promise<void> {
    this.#stop.abort();
    const stop = (this.#stop = new AbortController());
    try {
      const found = source && model ? await this.#ask(source, model, text, stop.signal) : own(text, param);
      if (!stop.signal.aborted) this.list = found;
    } catch {
      if (!stop.signal.aborted) this.list = own(text, param);
    }
  }

  async #ask(source: Source, model: string, text: string, signal: AbortSignal): Promise<Suggestion[]> {
    const q = text.trim().toLowerCase();
    if (source === "classes") {
      const classes = await api.classes(model, q, signal);
      for (const c of classes) this.labels[c.class] = c.label;
      return withTop(q, classes.map((c) => ({ value: String(c.class), note: c.label })));
    }
    const { layers, modules } = await session.about(model);
    if (source === "modules") {
      const paths = modules.filter((path) => path.toLowerCase().includes(q));
      return paths.slice(0, most).map((value) => ({ value, note: "" }));
    }
    const seen = new Set<string>();
    return layers
      .filter((l) => l.name && !seen.has(l.name) && seen.add(l.name))
      .filter((l) => l.name.toLowerCase().includes(q) || l.op.toLowerCase().includes(q))
      .slice(0, most)
      .map((l) => ({ value: l.name, note: `${l.op} ${l.shape}` }));
  }
}

// "top" and "top 3" stand for the classes that the network names first.
function withTop(q: string, found: Suggestion[]): Suggestion[] {
  const tops = ["top", "top 3", "top 5"].filter((s) => s.startsWith(q));
  return [...tops.map((value) => ({ value, note: "" })), ...found].slice(0, most);
}

function own(text: string, param: Param): Suggestion[] {
  const value = text.trim();
  return value && !complaint(param, value) ? [{ value, note: "" }] : [];
}
