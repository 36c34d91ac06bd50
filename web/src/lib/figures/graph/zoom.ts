// Wheel, drag, pinch and keys on a graph, through d3-zoom.
import { select } from "d3-selection";
import "d3-transition"; // gives selections the transitions that d3-zoom moves in
import { zoom, zoomIdentity, type ZoomTransform } from "d3-zoom";
import { calm } from "../../settings.svelte";
import type { Camera } from "./camera";

export interface Zoom {
  /** Goes to a camera, smoothly unless at once. */
  move(camera: Camera, atOnce?: boolean): void;
  by(factor: number): void;
  pan(dx: number, dy: number): void;
  extent(least: number, most: number): void;
  end(): void;
}

export function attachZoom(element: HTMLElement, changed: (camera: Camera) => void): Zoom {
  const selection = select<HTMLElement, unknown>(element);
  const behaviour = zoom<HTMLElement, unknown>()
    .filter((e: Event) => usable(e))
    .clickDistance(4)
    .on("zoom", (e: { transform: ZoomTransform }) => changed({ k: e.transform.k, x: e.transform.x, y: e.transform.y }));
  selection.call(behaviour).on("dblclick.zoom", null);
  const smooth = (ms: number) => selection.transition().duration(calm() ? 0 : ms);
  return {
    move({ k, x, y }, atOnce = false) {
      const transform = zoomIdentity.translate(x, y).scale(k);
      if (atOnce || calm()) {
        selection.interrupt();
        behaviour.transform(selection, transform);
      } else behaviour.transform(smooth(350), transform);
    },
    by: (factor) => behaviour.scaleBy(smooth(150), factor),
    pan: (dx, dy) => selection.call((s) => behaviour.transform(s, panned(element, dx, dy))),
    extent: (least, most) => void behaviour.scaleExtent([least, most]),
    end: () => void selection.interrupt().on(".zoom", null),
  };
}

function panned(element: HTMLElement, dx: number, dy: number): ZoomTransform {
  const now = (element as HTMLElement & { __zoom?: ZoomTransform }).__zoom ?? zoomIdentity;
  return zoomIdentity.translate(now.x + dx, now.y + dy).scale(now.k);
}

function usable(event: Event): boolean {
  return !(event instanceof MouseEvent && event.type === "mousedown" && event.button !== 0);
}
