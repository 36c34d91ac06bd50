// Draws the part of a graph that is in sight on a canvas. Sizes are those of
// package figure (measure.go) and package render, in points.
import type { Inks } from "../../palette";
import type { Colormap } from "../../types";
import { colorAt } from "../colormap";
import type { Box, GraphNode } from "../types";
import { overlaps, sight, type Camera, type Size } from "./camera";
import type { Link, Scene } from "./scene";

export interface Marks {
  /** Index of the chosen node, or -1; its edges stand out. */
  node: number;
  group: number;
  /** Nodes and groups that a search found. */
  foundNodes: ReadonlySet<number>;
  foundGroups: ReadonlySet<number>;
  /** The colours of nodes that are painted by their heat. */
  heat?: Colormap;
}

const family = '"Liberation Sans", Arimo, Helvetica, Arial, "Hiragino Sans", "Noto Sans CJK JP", sans-serif';
const arrow = 6.5;
// Letters smaller than this on the screen are left out.
const readable = 5;

export function drawGraph(
  ctx: CanvasRenderingContext2D, scene: Scene, camera: Camera, view: Size, ratio: number, inks: Inks, marks: Marks,
): void {
  const { k } = camera;
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.fillStyle = inks.of("paper");
  ctx.fillRect(0, 0, ctx.canvas.width, ctx.canvas.height);
  ctx.setTransform(ratio * k, 0, 0, ratio * k, ratio * camera.x, ratio * camera.y);
  const seen = sight(camera, view);
  const pen = { ctx, k, inks, line: Math.max(1.2, 0.6 / k) };
  for (const i of scene.outerFirst) if (overlaps(scene.groups[i], seen)) drawGroup(pen, scene, i, marks);
  const near = grow(seen, 12);
  const links = scene.links.filter((l) => overlaps(padded(l.box), near));
  drawEdges(pen, links, inks.of("edge"), pen.line);
  if (marks.node >= 0) {
    const own = [...scene.into(marks.node), ...scene.outOf(marks.node)].filter((l) => overlaps(padded(l.box), near));
    drawEdges(pen, own, inks.of("accent"), 1.8 * pen.line);
  }
  scene.nodes.forEach((n, i) => {
    if (overlaps(n, near)) drawNode(pen, n, marks.foundNodes.has(i), marks.node === i, paintOf(n, marks.heat));
  });
  if (9 * k >= readable + 1) for (const l of links) drawLabel(pen, scene, l);
}

interface Pen {
  ctx: CanvasRenderingContext2D;
  k: number;
  inks: Inks;
  line: number;
}

function grow(b: Box, by: number): Box {
  return { x: b.x - by, y: b.y - by, w: b.w + 2 * by, h: b.h + 2 * by };
}

// A straight edge has a box without a width.
const padded = (b: Box): Box => grow(b, 1);

function ground(inks: Inks, scene: Scene, group: number): string {
  if (!(group >= 0 && group < scene.groups.length)) return inks.of("paper");
  return inks.of(scene.depths[group] % 2 ? "ground-odd" : "ground");
}

function drawGroup({ ctx, k, inks, line }: Pen, scene: Scene, i: number, marks: Marks): void {
  const g = scene.groups[i];
  const marked = marks.group === i || marks.foundGroups.has(i);
  ctx.beginPath();
  ctx.roundRect(g.x, g.y, g.w, g.h, 9);
  ctx.fillStyle = ground(inks, scene, i);
  ctx.fill();
  ctx.strokeStyle = inks.of(marked ? "accent" : "ground-line");
  ctx.lineWidth = marked ? 2 * line : Math.max(1, 0.5 / k);
  ctx.stroke();
  if (10.5 * k < readable) return;
  ctx.font = `bold 10.5px ${family}`;
  ctx.textAlign = "left";
  ctx.fillStyle = inks.of("soft");
  ctx.fillText(fitted(ctx, "− " + g.title, g.w - 18), g.x + 9, g.y + 14);
}

function drawEdges({ ctx, k }: Pen, links: Link[], color: string, width: number): void {
  ctx.strokeStyle = ctx.fillStyle = color;
  ctx.lineWidth = width;
  for (const back of [false, true]) {
    ctx.beginPath();
    for (const { edge, tip, along } of links) {
      if (!!edge.back !== back) continue;
      const p = edge.path;
      ctx.moveTo(p[0][0], p[0][1]);
      for (let j = 1; j + 2 < p.length; j += 3) {
        const last = j + 3 >= p.length; // the line ends inside the arrowhead
        const ex = last ? tip[0] - along[0] * arrow * 0.7 : p[j + 2][0];
        const ey = last ? tip[1] - along[1] * arrow * 0.7 : p[j + 2][1];
        ctx.bezierCurveTo(p[j][0], p[j][1], p[j + 1][0], p[j + 1][1], ex, ey);
      }
    }
    ctx.setLineDash(back ? [4, 3] : []);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  if (arrow * k < 1.5) return;
  ctx.beginPath();
  for (const { tip: [x, y], along: [ux, uy] } of links) {
    const [bx, by] = [x - ux * arrow, y - uy * arrow];
    ctx.moveTo(x, y);
    ctx.lineTo(bx - uy * arrow * 0.45, by + ux * arrow * 0.45);
    ctx.lineTo(bx + uy * arrow * 0.45, by - ux * arrow * 0.45);
    ctx.closePath();
  }
  ctx.fill();
}

/** A fill, and what is written on it. */
interface Paint {
  fill: string;
  ink: string;
}

/** How a node is painted by its heat; undefined for those without. */
export function paintOf(n: GraphNode, colors?: Colormap): Paint | undefined {
  if (n.heat === undefined || !colors) return undefined;
  const [r, g, b] = colorAt(colors, n.heat);
  const bright = 299 * r + 587 * g + 114 * b > 140_000;
  return { fill: `rgb(${r} ${g} ${b})`, ink: bright ? "#111" : "#fff" };
}

function drawNode(pen: Pen, n: GraphNode, found: boolean, chosen: boolean, paint?: Paint): void {
  const { ctx, k, inks, line } = pen;
  const own = inks.class(n.class);
  const { fill, line: edge } = paint ? { fill: paint.fill, line: own.line } : own;
  if (n.h * k < 3) {
    ctx.fillStyle = found || chosen ? inks.of("accent") : (paint?.fill ?? edge); // only a speck of its colour
    ctx.fillRect(n.x, n.y, n.w, n.h);
    return;
  }
  const radius = n.class === "input" || n.class === "output" ? Math.min(n.h / 2, 14) : 6;
  ctx.fillStyle = fill;
  ctx.strokeStyle = found || chosen ? inks.of("accent") : edge;
  ctx.lineWidth = found || chosen ? Math.max(2.5, 2 / k) : line;
  if (n.class === "unknown") ctx.setLineDash([4, 3]);
  for (const off of n.fold ? [5, 2.5, 0] : [0]) { // a stack: more lies behind
    ctx.beginPath();
    ctx.roundRect(n.x + off, n.y - off, n.w, n.h, radius);
    ctx.fill();
    ctx.stroke();
  }
  ctx.setLineDash([]);
  if (12 * k >= readable) drawText(pen, n, paint?.ink);
}

function drawText({ ctx, k, inks }: Pen, n: GraphNode, ink?: string): void {
  const lines = n.lines ?? [];
  const need = 16 + 13 * lines.length;
  const shrink = Math.min(1, Math.max(n.h - 2, 0) / need); // in a box that is too low
  const [x, room] = [n.x + n.w / 2, n.w - 8];
  let y = n.y + (n.h - shrink * need) / 2;
  ctx.textAlign = "center";
  ctx.font = `bold ${12 * shrink}px ${family}`;
  ctx.fillStyle = ink ?? inks.of("text");
  ctx.fillText(fitted(ctx, n.title, room), x, y + 12.2 * shrink);
  if (10 * shrink * k < readable) return;
  y += 16 * shrink;
  ctx.font = `${10 * shrink}px ${family}`;
  ctx.fillStyle = ink ?? inks.of("soft");
  for (const text of lines) {
    ctx.fillText(fitted(ctx, text, room), x, y + 9.6 * shrink);
    y += 13 * shrink;
  }
}

function drawLabel({ ctx, inks }: Pen, scene: Scene, { edge, label }: Link): void {
  if (!edge.label) return;
  ctx.font = `9px ${family}`;
  ctx.textAlign = "center";
  const text = fitted(ctx, edge.label, 160);
  const w = ctx.measureText(text).width + 6;
  const groups = [edge.from, edge.to].map((i) => scene.nodes[i]?.group ?? -1);
  ctx.fillStyle = ground(inks, scene, groups[0] === groups[1] ? groups[0] : shallower(scene, groups));
  ctx.fillRect(label[0] - w / 2, label[1] - 6, w, 12);
  ctx.fillStyle = inks.of("faint");
  ctx.fillText(text, label[0], label[1] + 3.2);
}

// The innermost group around both ends of an edge.
function shallower(scene: Scene, [a, b]: number[]): number {
  const parent = (g: number) => (scene.depths[g] > 0 ? scene.groups[g].parent : -1);
  for (let step = 0; a !== b && a >= 0 && b >= 0 && step < 200; step++) {
    if ((scene.depths[a] ?? 0) >= (scene.depths[b] ?? 0)) a = parent(a);
    else b = parent(b);
  }
  return a === b ? a : -1;
}

/** A text cut off to a width. */
function fitted(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (ctx.measureText(text).width <= room + 2) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (ctx.measureText(text.slice(0, mid) + "…").width <= room) low = mid;
    else high = mid - 1;
  }
  return text.slice(0, low) + "…";
}
