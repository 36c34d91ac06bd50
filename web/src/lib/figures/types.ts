// The JSON of package figure.

export interface Fact {
  name: string;
  value: string;
}

export interface About {
  title: string;
  subtitle?: string;
  facts?: Fact[];
  warnings?: string[];
  source?: Fact[];
}

export interface FigureBase {
  kind: string;
  about: About;
  totals?: Fact[];
}

export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface GraphNode extends Box {
  id: string;
  title: string;
  lines?: string[];
  class: string;
  group: number;
  fold?: string;
  facts?: Fact[];
  /** 0 to 1: paints the box in the colours of the figure's scale. */
  heat?: number;
}

/** What the colours of heat stand for. */
export interface HeatScale {
  name: string;
  low: number;
  high: number;
  colormap: string;
}

export type Point = [number, number];

export interface GraphEdge {
  from: number;
  to: number;
  label?: string;
  value?: string;
  path: Point[];
  back?: boolean;
  labelAt?: Point | null;
}

export interface GraphGroup extends Box {
  path: string;
  title: string;
  parent: number;
  facts?: Fact[];
}

export interface GraphFigure extends FigureBase {
  w: number;
  h: number;
  nodes: GraphNode[] | null;
  edges: GraphEdge[] | null;
  groups: GraphGroup[] | null;
  legend?: string[];
  scale?: HeatScale;
}

/** 8-bit RGB, rows top to bottom; pix is base64. */
export interface Picture {
  w: number;
  h: number;
  pix: string;
}

/** score and logit are null where the network gave no number. */
export interface Prediction {
  class: number;
  label: string;
  score: number | null;
  logit: number | null;
}

export interface HeatMap {
  method: string;
  layer: string;
  class: number;
  label: string;
  w: number;
  h: number;
  values: string; // base64 of little-endian float32
  low: number | null;
  high: number | null;
  /** The rows lie over lanes of the picture, and do not run into one another. */
  lanes?: boolean;
  /** The map's own colours, where the figure's do not suit it. */
  colormap?: string;
  warning?: string;
}

export interface HeatPanel {
  name: string;
  /** What the panel is one of many slices of; they follow one another. */
  volume?: string;
  image: Picture;
  predictions?: Prediction[];
  /** The prediction for the class that the image is labelled with. */
  truth?: Prediction;
  maps: HeatMap[] | null;
}

export interface HeatmapFigure extends FigureBase {
  panels: HeatPanel[] | null;
  colormap: string;
  opacity: number;
  /** The share of the scale around which a line is drawn; none where it is 0. */
  contour?: number;
}

/** A picture, a map of raw numbers (w is 0 where there is none), or both. */
export interface ImageTile {
  name: string;
  note?: string;
  value: number | null;
  picture?: Picture;
  box?: Box;
  w: number;
  h: number;
  values?: string; // base64 of little-endian float32
  low: number | null;
  high: number | null;
}

export interface ImageStrip {
  title: string;
  note?: string;
  tiles: ImageTile[] | null;
}

export interface ImagesFigure extends FigureBase {
  strips: ImageStrip[] | null;
  colormap: string;
  opacity: number;
}

export interface MatrixLine {
  name: string;
  note?: string;
  picture?: Picture;
}

export interface MatrixFigure extends FigureBase {
  rowsAre: string;
  columnsAre: string;
  valuesAre: string;
  rows: MatrixLine[] | null;
  columns: MatrixLine[] | null;
  values: string | null; // base64 of little-endian float32, row by row
  low: number | null;
  high: number | null;
  perColumn?: boolean;
  colormap: string;
}

export interface Column {
  name: string;
  unit?: string;
  number?: boolean;
  /** A bar beside each number, to the right of zero or to the left. */
  bars?: boolean;
}

export interface Cell {
  text: string;
  value?: number | null;
}

export interface Row {
  cells: Cell[] | null;
  depth?: number;
  group?: boolean;
}

export interface TableFigure extends FigureBase {
  columns: Column[] | null;
  rows: Row[] | null;
}

export interface ParallelScale {
  name: string;
  log?: boolean;
  low: number;
  high: number;
  labels?: string[];
}

/** values is base64 of little-endian float64, one for each scale. */
export interface ParallelThread {
  name: string;
  values: string;
  strength: number;
}

export interface ParallelFigure extends FigureBase {
  scales: ParallelScale[] | null;
  threads: ParallelThread[] | null;
}

export interface Axis {
  title?: string;
  unit?: string;
  log?: boolean;
  range?: [number, number];
}

/** x, y, low and high are base64 of little-endian float64. */
export interface Curve {
  name: string;
  x: string;
  y: string;
  low?: string;
  high?: string;
  hue?: number;
  dashed?: boolean;
  faint?: boolean;
  marked?: boolean;
}

/** Where x or y is null, a line through the whole plot. */
export interface Note {
  x: number | null;
  y: number | null;
  text: string;
}

export interface Plot {
  title?: string;
  x: Axis;
  y: Axis;
  curves: Curve[] | null;
  notes?: Note[];
}

export interface LinesFigure extends FigureBase {
  plots: Plot[] | null;
}

export interface Section {
  title?: string;
  text?: string[];
  facts?: Fact[];
  warnings?: string[];
  figure?: FigureBase;
}

export interface ReportFigure extends FigureBase {
  sections: Section[] | null;
}
