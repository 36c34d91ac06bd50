// Which parts of a graph's outline are open at first: level by level, as many as
// can be read at once.
import type { Outline, OutlinePart } from "./types";

const most = 40; // lines

export function opened(outline: Outline): Set<OutlinePart> {
  const open = new Set<OutlinePart>();
  let lines = outline.parts.length;
  for (let level = outline.parts; level.length; level = level.flatMap((p) => p.parts ?? [])) {
    const more = level.reduce((sum, p) => sum + (p.parts?.length ?? 0), 0);
    // A whole level, since half an open one misleads.
    if ((lines += more) > most) return open;
    for (const p of level) if (p.parts?.length) open.add(p);
  }
  return open;
}
