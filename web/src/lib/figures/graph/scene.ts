// A graph made ready for drawing, searching and pointing at.
import type { Box, GraphEdge, GraphFigure, GraphGroup, GraphNode, Point } from "../types";

export interface Link {
  edge: GraphEdge;
  box: Box;
  /** The arrowhead: its tip and the unit vector in which the edge arrives. */
  tip: Point;
  along: Point;
  /** Centre of the label. */
  label: Point;
}

/** What one looks for or points at: a node or an open module. */
export type Thing = { kind: "node"; index: number } | { kind: "group"; index: number };

export class Scene {
  readonly nodes: GraphNode[];
  readonly groups: GraphGroup[];
  readonly links: Link[];
  /** How deep each group lies. */
  readonly depths: number[];
  /** Groups, those around others first. */
  readonly outerFirst: number[];
  readonly #into: Map<number, number[]>;
  readonly #outOf: Map<number, number[]>;

  constructor(readonly figure: GraphFigure) {
    this.nodes = figure.nodes ?? [];
    this.groups = figure.groups ?? [];
    this.links = (figure.edges ?? []).filter((e) => e.path.length >= 4).map(linkOf);
    this.depths = this.groups.map((_, i) => this.#depth(i));
    this.outerFirst = this.groups.map((_, i) => i).sort((a, b) => this.depths[a] - this.depths[b]);
    this.#into = collect(this.links, (l) => l.edge.to);
    this.#outOf = collect(this.links, (l) => l.edge.from);
  }

  // A file may claim that a group lies in itself: that ends somewhere too.
  #depth(group: number): number {
    let depth = 0;
    for (let p = this.groups[group].parent; p >= 0 && p < this.groups.length && depth < 100; p = this.groups[p].parent) depth++;
    return depth;
  }

  into(node: number): Link[] {
    return (this.#into.get(node) ?? []).map((i) => this.links[i]);
  }

  outOf(node: number): Link[] {
    return (this.#outOf.get(node) ?? []).map((i) => this.links[i]);
  }

  box(thing: Thing): Box {
    return thing.kind === "node" ? this.nodes[thing.index] : this.groups[thing.index];
  }

  /** Nodes and open modules that hold a text, in the order of the file. */
  find(query: string): Thing[] {
    const q = query.trim().toLowerCase();
    if (!q) return [];
    const has = (...texts: (string | undefined)[]) => texts.some((s) => s?.toLowerCase().includes(q));
    const groups = this.groups.flatMap((g, index): Thing[] => (has(g.path, g.title) ? [{ kind: "group", index }] : []));
    const nodes = this.nodes.flatMap((n, index): Thing[] =>
      has(n.id, n.title, this.name(n), ...(n.lines ?? [])) ? [{ kind: "node", index }] : [],
    );
    return [...groups, ...nodes];
  }

  /** Finds a thing again in another drawing of the same model. */
  findById(id: string): Thing | null {
    const node = this.nodes.findIndex((n) => n.id === id || (!!n.fold && n.fold === id));
    if (node >= 0) return { kind: "node", index: node };
    const group = this.groups.findIndex((g) => g.path === id);
    return group >= 0 ? { kind: "group", index: group } : null;
  }

  /** What people call a node: its module, its name in the file, or its identifier. */
  name(node: GraphNode): string {
    return node.fold || node.facts?.find((f) => f.name === "name")?.value || node.id;
  }

  id(thing: Thing): string {
    return thing.kind === "node" ? this.nodes[thing.index].id : this.groups[thing.index].path;
  }

  /** The edge within a distance of a point, nearest first, or null. */
  edgeAt(x: number, y: number, distance: number): Link | null {
    let best: Link | null = null;
    let least = distance;
    for (const link of this.links) {
      const { box } = link;
      if (x < box.x - least || y < box.y - least || x > box.x + box.w + least || y > box.y + box.h + least) continue;
      const d = distanceTo(link.edge.path, x, y);
      if (d < least) [best, least] = [link, d];
    }
    return best;
  }
}

function collect(links: Link[], end: (l: Link) => number): Map<number, number[]> {
  const map = new Map<number, number[]>();
  links.forEach((link, i) => {
    const list = map.get(end(link));
    if (list) list.push(i);
    else map.set(end(link), [i]);
  });
  return map;
}

function linkOf(edge: GraphEdge): Link {
  const path = edge.path.slice(0, 1 + 3 * Math.floor((edge.path.length - 1) / 3));
  const xs = path.map((p) => p[0]);
  const ys = path.map((p) => p[1]);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  const tip = path[path.length - 1];
  return {
    edge: { ...edge, path },
    box: { x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y },
    tip,
    along: arrival(path),
    label: edge.labelAt ?? middle(path),
  };
}

function arrival(path: Point[]): Point {
  const end = path[path.length - 1];
  for (let i = path.length - 2; i >= 0; i--) {
    const [x, y] = [end[0] - path[i][0], end[1] - path[i][1]];
    const n = Math.hypot(x, y);
    if (n > 0.01) return [x / n, y / n];
  }
  return [0, 1];
}

/** A point of one cubic Bézier piece. */
function along(path: Point[], piece: number, t: number): Point {
  const s = 1 - t;
  const weights = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
  const q = path.slice(3 * piece, 3 * piece + 4);
  return [0, 1].map((k) => q.reduce((sum, p, i) => sum + weights[i] * p[k], 0)) as Point;
}

function middle(path: Point[]): Point {
  const pieces = (path.length - 1) / 3;
  return pieces % 2 === 0 ? path[(3 * pieces) / 2] : along(path, (pieces - 1) / 2, 0.5);
}

function distanceTo(path: Point[], x: number, y: number): number {
  const steps = 12;
  let least = Infinity;
  let [ax, ay] = path[0];
  for (let piece = 0; piece < (path.length - 1) / 3; piece++) {
    for (let i = 1; i <= steps; i++) {
      const [bx, by] = along(path, piece, i / steps);
      least = Math.min(least, toSegment(x, y, ax, ay, bx, by));
      [ax, ay] = [bx, by];
    }
  }
  return least;
}

function toSegment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const n = dx * dx + dy * dy;
  const t = n > 0 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / n)) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}
