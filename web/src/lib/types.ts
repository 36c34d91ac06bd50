// What the server tells of techniques, models and pictures (package server).

export interface Choice {
  name: string;
  help: string;
}

/** A parameter of a technique, as package viz reads it off its struct. */
export interface Param {
  name: string;
  help: string;
  type: "string" | "int" | "float" | "bool";
  list?: boolean;
  default: string[];
  choices?: Choice[];
  min?: number;
  max?: number;
  step?: number;
  unit?: string;
  source?: string;
  advanced?: boolean;
}

export type Phase = "before" | "while" | "after" | "in-use";
export const phases: Phase[] = ["before", "while", "after", "in-use"];

export interface Method {
  name: string;
  doc: string;
  about: string;
  phases: Phase[];
  needs: string[];
  /** What it works on in place of what it needs. */
  instead?: string[];
  params: Param[];
  examples: { line: string; remark: string }[];
  /** It can use masks of what should matter, or takes arrays. */
  masks?: boolean;
  arrays?: boolean;
  /** Parameters for a report with findings. */
  verdict?: Record<string, string[]>;
}

export interface ModelFile {
  id: string;
  name: string;
  path: string;
  size: number;
}

export interface ImageFile {
  id: string;
  name: string;
  path?: string;
  label?: string;
  /** There is a mask of what should matter beside it. */
  mask?: boolean;
  /** It is an array, and no picture. */
  array?: boolean;
}

export interface Workspace {
  version: string;
  models: ModelFile[];
  images: ImageFile[];
  total: number; // of the images; the list is one page of them
  problems: string[];
  demo: boolean;
}

export interface InputSetting {
  name: string;
  help: string;
  value: string;
  choices?: string[];
}

export interface Layer {
  name: string;
  op: string;
  shape: string;
  spatial: boolean;
}

export interface Model {
  id: string;
  name: string;
  path: string;
  producer?: string;
  params: number;
  nodes: number;
  input?: { shape: string; summary: string; source: string; guessed: boolean; settings: InputSetting[] };
  classes: number;
  labels?: string;
  layers: Layer[];
  /** Paths of the modules, in the order of computation, outer ones first. */
  modules: string[];
  problem?: string;
}

export interface ClassName {
  class: number;
  label: string;
}

export interface JobRequest {
  method: string;
  model?: string;
  images?: string[];
  runs?: string[];
  /** Masks that were dropped in or drawn, by the picture's ID. */
  masks?: Record<string, string>;
  input?: Record<string, string>;
  params?: Record<string, string[]>;
  seed?: number;
}

export interface Failure {
  error: string;
  kind: "user" | "bug" | "cancelled" | "notfound" | "busy" | "offline";
}

export interface JobStatus {
  job: string;
  figure: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  done: number;
  total: number;
  what?: string;
  failure?: Failure;
  /** Numbers the figures so far, from 1. */
  partial?: number;
}

export interface Colormap {
  name: string;
  type: "safe" | "rainbow" | "diverging";
  about: string;
  colors: [number, number, number][];
}

/** One step of the demo's live training. */
export interface Epoch {
  net: string;
  epoch: number;
  epochs: number;
  step: number; // of all epochs
  steps: number;
  loss: number | null;
  accuracy: number | null;
  /** The epoch has ended, and the next two are known; those that are 0 are left out. */
  validated?: boolean;
  valLoss?: number | null;
  valAccuracy?: number | null;
}
