// Where one looks on a graph: screen = k · graph + (x, y).
import type { Box, GraphFigure } from "../types";

export interface Camera {
  k: number;
  x: number;
  y: number;
}

export interface Size {
  w: number;
  h: number;
}

export const nearest = 4;
const margin = 24;
const legible = 0.6; // the scale at which the lines in a box can just be read

/** The smallest scale worth having: the whole graph with room around it. */
export function farthest(graph: Size, view: Size): number {
  return Math.min(0.2, 0.8 * whole(graph, view));
}

function whole(graph: Size, view: Size): number {
  const k = Math.min((view.w - 2 * margin) / Math.max(graph.w, 1), (view.h - 2 * margin) / Math.max(graph.h, 1));
  return Math.max(k, 1e-4);
}

/** Shows all, not larger than life. */
export function fit(graph: Size, view: Size): Camera {
  const k = Math.min(1, whole(graph, view));
  return { k, x: (view.w - k * graph.w) / 2, y: (view.h - k * graph.h) / 2 };
}

/**
 * The first view: all of a graph if it can be read so, else its beginning in
 * letters that can, with the inputs in sight.
 */
export function opening(graph: GraphFigure, view: Size): Camera {
  const all = fit(graph, view);
  if (all.k >= legible) return all;
  const acrossFits = (view.w - 2 * margin) / Math.max(graph.w, 1);
  const downFits = (view.h - 2 * margin) / Math.max(graph.h, 1);
  const k = Math.max(legible, Math.min(0.9, Math.max(acrossFits, downFits)));
  const begin = graph.nodes?.find((n) => n.class === "input") ?? graph.nodes?.[0] ?? { x: 0, y: 0, w: graph.w, h: 0 };
  return {
    k,
    x: place(begin.x + begin.w / 2, graph.w, k, view.w),
    y: place(begin.y, graph.h, k, view.h),
  };
}

// Brings a point of one axis to the middle, without empty room beyond an end.
function place(at: number, length: number, k: number, room: number): number {
  if (k * length <= room - 2 * margin) return (room - k * length) / 2;
  return Math.max(room - margin - k * length, Math.min(margin, room / 2 - k * at));
}

/** Brings a box to the middle, at a scale at which it can be read. */
export function centre(box: Box, view: Size, k: number): Camera {
  const scale = Math.max(k, 0.8);
  return { k: scale, x: view.w / 2 - scale * (box.x + box.w / 2), y: view.h / 2 - scale * (box.y + box.h / 2) };
}

/** Keeps what is at `before` where it is on the screen when it moves to `after`. */
export function hold(camera: Camera, before: Box, after: Box): Camera {
  return {
    k: camera.k,
    x: camera.x + camera.k * (before.x + before.w / 2 - (after.x + after.w / 2)),
    y: camera.y + camera.k * (before.y - after.y),
  };
}

/** The part of the graph that is in sight. */
export function sight(camera: Camera, view: Size): Box {
  return { x: -camera.x / camera.k, y: -camera.y / camera.k, w: view.w / camera.k, h: view.h / camera.k };
}

export function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
