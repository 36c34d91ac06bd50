import { floatsOf } from "../../bytes";
import type { HeatPanel } from "../types";

/** Puts the slices of one volume together; every other panel is alone. */
export function stacks(panels: HeatPanel[]): HeatPanel[][] {
  const out: HeatPanel[][] = [];
  for (const panel of panels) {
    const last = out.at(-1);
    if (panel.volume && last?.[0].volume === panel.volume) last.push(panel);
    else out.push([panel]);
  }
  return out;
}

/** The slice in which the first map is strongest: where to begin. */
export function hottest(panels: HeatPanel[]): number {
  if (panels.length < 2) return 0;
  let best = 0;
  let most = -Infinity;
  panels.forEach((panel, i) => {
    for (const v of panel.maps?.length ? floatsOf(panel.maps[0].values) : []) {
      if (v > most) [most, best] = [v, i];
    }
  });
  return best;
}
