// What the server tells of runs (package server, runs.go and its neighbours).

export type Value = string | number | boolean | null;

export interface Run {
  id: string;
  project: string;
  title: string;
  state: "running" | "finished" | "failed" | "killed";
  created: number; // seconds since 1970
  ended?: number;
  config?: Record<string, Value>;
  tags?: Record<string, string>;
  curves: number;
  points: number;
  /** The number of its last change. */
  change: number;
  /** It is no longer there. */
  gone?: boolean;
}

/** The runs that changed after a change, and the number of the last one. */
export interface RunNews {
  of: string;
  last: number;
  runs: Run[];
}

export interface CurveNames {
  names: { name: string; runs: number }[];
  total: number;
  of: number;
  /** From where to where they reach, all together. */
  reach: Partial<Record<Axis, [number, number]>>;
}

/** One metric of one run; what is no finite number is null. */
export interface Sum {
  points: number;
  bad?: number;
  last: number | null;
  min: number | null;
  max: number | null;
}

export type Axis = "step" | "relative" | "wall";

/** A part of one curve that is asked for; null is where the curve ends. */
export interface Part {
  run: string;
  name: string;
  low: number | null;
  high: number | null;
}

/** How far a smoothed curve is known that has grown. */
export interface SmoothKnown {
  after: number;
  settled: number;
  distance: number;
}

export interface SmoothPart extends Part {
  known: SmoothKnown | null;
}

/** A part of one metric of several runs. */
export interface BandPart {
  runs: string[];
  name: string;
  low: number | null;
  high: number | null;
}

export type RecordKind = "image" | "text" | "histogram" | "pr curve" | "graph";

export interface RecordList {
  run: string;
  kind: RecordKind;
  name: string;
  count: number;
  first: number;
  last: number;
}

export interface RecordHead {
  at: number;
  step: number;
  time: number;
  bytes: number;
  brief?: string;
}

export interface Histogram {
  step: number;
  body: { edges: number[] | null; counts: number[] | null; nonFinite?: number };
}

/** At each of n thresholds, from 0 to 1 in equal steps. */
export interface PRCurve {
  truePositives: number[];
  falsePositives: number[];
  trueNegatives: number[];
  falseNegatives: number[];
  precision: number[];
  recall: number[];
}

/** A graph of computation, by the names of its operators (package tfgraph). */
export interface Outline {
  parts: OutlinePart[];
  /** Operators, all together. */
  nodes: number;
  /** Of these, left out since there are too many. */
  left: number;
}

export interface OutlinePart {
  name: string;
  path: string;
  op?: string;
  shape?: string;
  detail?: string;
  from?: string[];
  nodes?: number;
  parts?: OutlinePart[];
}
