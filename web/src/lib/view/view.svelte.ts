// One technique with its model, pictures and parameters: what the address
// says, what is needed to run it, and how its parts change it.
import { lacking } from "../form";
import { formatRoute, tidy, valueOf, type Route } from "../route";
import { router } from "../router.svelte";
import { session } from "../session.svelte";
import type { JobRequest, Method, Param } from "../types";

/** Parameters by these names only say how a heatmap is drawn: the browser does
 * it from the raw values, and a saved file is drawn anew with them. */
export const drawn = ["colormap", "opacity", "contour"] as const;

export class View {
  constructor(readonly method: Method) {}

  get route(): Route {
    return router.route;
  }

  get model(): string {
    return session.model(this.route.model)?.id ?? this.route.model;
  }

  get needsImage(): boolean {
    return this.method.needs.includes("image");
  }

  get images(): string[] {
    if (!this.needsImage) return [];
    if (this.route.images.length) return this.route.images;
    const first = session.firstImage;
    return first ? [first.id] : [];
  }

  get lacking(): ("model" | "image")[] {
    return lacking(this.method, this.model, this.images);
  }

  /** The request for the figure of this address. */
  get request(): JobRequest {
    const { params } = tidy(this.route, this.method);
    const asked = Object.entries(params).filter(([name]) => !(drawn as readonly string[]).includes(name));
    const request: JobRequest = { method: this.method.name, params: Object.fromEntries(asked) };
    if (this.method.needs.includes("model")) request.model = this.model;
    if (this.needsImage) request.images = this.images;
    if (this.method.masks && Object.keys(this.route.masks).length) request.masks = this.route.masks;
    if (Object.keys(this.route.input).length && this.needsImage) request.input = this.route.input;
    if (/^-?\d+$/.test(this.route.seed)) request.seed = Number(this.route.seed);
    return request;
  }

  param(name: string): Param | undefined {
    return this.method.params.find((p) => p.name === name);
  }

  /** The first parameter that takes layers, or classes. */
  sourced(source: "layers" | "classes"): Param | undefined {
    return this.method.params.find((p) => p.source === source);
  }

  values(p: Param): string[] {
    return valueOf(this.route, p);
  }

  /** Sets a parameter; with inPlace, without a step to go back to. */
  set(name: string, values: string[], inPlace = false): void {
    this.change({ [name]: values }, inPlace);
  }

  /** Sets several parameters at once. */
  change(params: Record<string, string[]>, inPlace = false): void {
    const route = tidy({ ...this.route, params: { ...this.route.params, ...params } }, this.method);
    if (inPlace) router.replace(route);
    else router.go(route);
  }

  setInput(name: string, value: string | null): void {
    const input = { ...this.route.input };
    if (value === null) delete input[name];
    else input[name] = value;
    router.go({ ...this.route, input });
  }

  reset(): void {
    router.go({ ...this.route, params: {}, input: {} });
  }

  get changed(): boolean {
    const { params } = tidy(this.route, this.method);
    return Object.keys(params).length > 0 || Object.keys(this.route.input).length > 0;
  }

  /** Looks at one picture; with adding, puts it in or takes it out. */
  look(id: string, adding: boolean): void {
    let images = [id];
    if (adding) {
      const now = this.images;
      images = now.includes(id) ? now.filter((i) => i !== id) : [...now, id];
      if (images.length === 0) return;
    }
    this.show(images);
  }

  show(images: string[]): void {
    router.go({ ...this.route, images });
  }

  /** Gives a picture a mask, or takes it away. */
  setMask(image: string, mask: string | null): void {
    const masks = { ...this.route.masks };
    if (mask === null) delete masks[image];
    else masks[image] = mask;
    router.go({ ...this.route, images: this.images, masks });
  }

  /** The picture before or after the one that is looked at. */
  turn(by: 1 | -1): void {
    const ids = session.images.map((i) => i.id);
    const at = ids.indexOf(this.images.at(by > 0 ? -1 : 0) ?? "");
    const next = ids[at + by];
    if (next) this.look(next, false);
  }

  /** What a saved file is drawn with beside the figure itself. */
  get drawing(): Record<string, string> {
    const out: Record<string, string> = {};
    for (const name of drawn) {
      const given = this.route.params[name];
      if (given?.length === 1 && this.param(name)) out[name] = given[0];
    }
    return out;
  }

  get address(): string {
    return formatRoute(tidy(this.route, this.method));
  }
}
