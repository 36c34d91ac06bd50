// The page of trainings: its view is the address, all else follows from it.
import { failureOf } from "../api";
import { router } from "../router.svelte";
import * as server from "./ask";
import { runs, nameOf } from "./runs.svelte";
import type { CurveNames, RecordList, Run } from "./types";
import { formatView, names, parseView, shortId, type View } from "./view";

export const address = "training";

class Page {
  view = $derived(parseView(router.route.params));
  /** The runs that pass the filter, in the order of the list. */
  listed = $derived(runs.all.filter(matcher(this.view.filter)));
  /** The runs that are drawn. */
  chosen = $derived(this.#choose(this.view.runs));
  ids = $derived(new Set(this.chosen.map((r) => r.id)));

  found = $state.raw<CurveNames>({ names: [], total: 0, of: 0, reach: {} });
  complaint = $state("");
  records = $state.raw<RecordList[] | null>(null);
  /** From where to where the curves that were found reach; of metrics against each other nobody knows. */
  extent = $derived(this.view.by ? null : proper(this.found.reach[this.view.axis]));

  change(part: Partial<View>, inPlace = true): void {
    const route = { ...router.route, method: address, params: formatView({ ...this.view, ...part }) };
    if (inPlace) router.replace(route);
    else router.go(route);
  }

  show(run: Run, shown: boolean): void {
    const ids = this.chosen.map((r) => r.id).filter((id) => id !== run.id);
    this.choose(shown ? [...ids, run.id] : ids);
  }

  choose(ids: string[]): void {
    const all = runs.all.length > 0 && ids.length === runs.all.length;
    this.change({ runs: all ? ["*"] : ids.map(shortId) });
  }

  /** Shows a part of the axis, in numbers that are no longer than they need be. */
  zoom(from: number | null, to: number | null): void {
    if (from === null || to === null) return this.change({ from, to });
    const digits = Math.max(0, Math.min(12, 3 - Math.floor(Math.log10(to - from))));
    const round = (v: number) => Number(v.toFixed(digits));
    this.change({ from: round(from), to: round(to) });
  }

  pin(name: string): void {
    const { pins } = this.view;
    this.change({ pins: pins.includes(name) ? pins.filter((p) => p !== name) : [...pins, name] });
  }

  /** Asks which curves the chosen runs have. */
  async findCurves(signal: AbortSignal): Promise<void> {
    try {
      this.found = await server.names(this.chosen.map((r) => r.id), this.view.find, signal);
      this.complaint = "";
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind !== "cancelled") this.complaint = failure.error;
    }
  }

  /** Shows less of the axis, or more, around its middle, or what lies beside it; by shares of what is shown. */
  move(grow: number, by: number): void {
    if (!this.extent) return;
    const [low, high] = this.extent;
    const [from, to] = [this.view.from ?? low, this.view.to ?? high];
    const [middle, half] = [(from + to) / 2 + by * (to - from), (grow * (to - from)) / 2];
    const [a, b] = [Math.max(low, middle - half), Math.min(high, middle + half)];
    if (a <= low && b >= high) this.zoom(null, null);
    else if (a < b) this.zoom(a, b);
  }

  /** Asks which pictures, texts and histograms they have. */
  async findRecords(signal: AbortSignal): Promise<void> {
    const lists = await server.recordLists(this.chosen.map((r) => r.id), signal).catch(() => null);
    if (lists && !signal.aborted) this.records = lists;
  }

  #choose(choice: string[] | null): Run[] {
    if (choice === null) return runs.latest;
    if (choice[0] === "*") return runs.all;
    return runs.all.filter((r) => choice.some((c) => names(c, r.id)));
  }
}

/** What a slider can be moved along. */
const proper = (reach?: [number, number]) => (reach && reach[0] < reach[1] ? reach : null);

/** A regular expression over a run's name, project, ID and tags; one that is being typed finds what contains it. */
function matcher(text: string): (r: Run) => boolean {
  if (!text) return () => true;
  const of = (r: Run) => [nameOf(r), r.id, r.project, ...Object.values(r.tags ?? {})];
  try {
    const pattern = new RegExp(text, "i");
    return (r) => of(r).some((s) => pattern.test(s));
  } catch {
    return (r) => of(r).some((s) => s.toLowerCase().includes(text.toLowerCase()));
  }
}

export const page = new Page();
