import type { Component } from "svelte";
import type { View } from "../view/view.svelte";
import Graph from "./Graph.svelte";
import Heatmap from "./Heatmap.svelte";
import Lines from "./Lines.svelte";
import Parallel from "./Parallel.svelte";
import Report from "./Report.svelte";
import Images from "./Images.svelte";
import Matrix from "./Matrix.svelte";
import Table from "./Table.svelte";
import type { FigureBase } from "./types";

/** What a component that draws a kind of figure is given. */
export interface FigureProps<F extends FigureBase = FigureBase> {
  figure: F;
  view: View;
}

export interface Kind {
  component: Component<FigureProps<any>>;
  /** Files it can be saved as, the most wanted first. */
  formats: string[];
  /** It fills the window and scrolls by itself. */
  fills: boolean;
}

/** How each kind of figure is drawn: the one map from kinds to components. */
export const kinds: Record<string, Kind> = {
  graph: { component: Graph, formats: ["png", "svg", "pdf", "html", "dot", "json"], fills: true },
  heatmap: { component: Heatmap, formats: ["png", "svg", "pdf", "html", "csv", "npz", "json"], fills: false },
  images: { component: Images, formats: ["png", "svg", "pdf", "html", "npz", "csv", "txt", "json"], fills: false },
  matrix: { component: Matrix, formats: ["png", "svg", "pdf", "html", "csv", "npz", "txt", "json"], fills: false },
  table: { component: Table, formats: ["csv", "txt", "html", "pdf", "png", "svg", "npz", "json"], fills: false },
  lines: { component: Lines, formats: ["png", "svg", "pdf", "html", "csv", "npz", "json"], fills: false },
  parallel: { component: Parallel, formats: ["png", "svg", "pdf", "html", "csv", "npz", "json"], fills: false },
  report: { component: Report, formats: ["pdf", "html", "png", "svg", "txt", "npz", "json"], fills: false },
};

/** What any figure can be saved as. */
export const anyFormats = ["png", "svg", "pdf", "html", "json"];
