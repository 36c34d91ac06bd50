// A view of the app as its address: /{method}?model=..&image=..&param=..
// Defaults are left out, so that an address is short and stays valid when a
// default is named or not.
import type { Method, Param } from "./types";

export interface Route {
  /** Name of the technique; "" is the start page. */
  method: string;
  model: string;
  images: string[];
  /** Masks that were dropped in or drawn, by the picture's ID. */
  masks: Record<string, string>;
  /** Settings of how pictures are prepared, by name. */
  input: Record<string, string>;
  /** Parameters that were given, by name; a list's texts in order. */
  params: Record<string, string[]>;
  seed: string;
}

export const emptyRoute: Route = { method: "", model: "", images: [], masks: {}, input: {}, params: {}, seed: "" };

const inputPrefix = "input.";
const maskName = "mask";

/** A list that was made empty is written as one empty text. */
const emptied = "";

export function parseRoute(path: string, query: string): Route {
  const route: Route = { ...emptyRoute, images: [], masks: {}, input: {}, params: {} };
  route.method = decodeSegment(path.split("/").filter(Boolean)[0] ?? "");
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === "model") route.model = value;
    else if (name === "image") route.images.push(value);
    else if (name === maskName) route.masks[value.split(":")[0]] = value.split(":")[1] ?? "";
    else if (name === "seed") route.seed = value;
    else if (name.startsWith(inputPrefix)) route.input[name.slice(inputPrefix.length)] = value;
    else (route.params[name] ??= []).push(value);
  }
  for (const [name, values] of Object.entries(route.params)) {
    if (values.length === 1 && values[0] === emptied) route.params[name] = [];
  }
  return route;
}

/**
 * The run, or "" for all, that a link of MLflow's client is to: scripts that log
 * to MLflow print links to its pages, as /#/experiments/1/runs/ID, at this server.
 */
export function runOfMLflow(hash: string): string | undefined {
  return /^#\/experiments\/[\w-]+(?:\/runs\/([\w-]+))?/.exec(hash)?.slice(1).map((run) => run ?? "")[0];
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function formatRoute(route: Route): string {
  const query = new URLSearchParams();
  if (route.model) query.append("model", route.model);
  for (const image of route.images) query.append("image", image);
  for (const image of route.images) {
    if (route.masks[image]) query.append(maskName, `${image}:${route.masks[image]}`);
  }
  for (const [name, value] of Object.entries(route.input)) query.append(inputPrefix + name, value);
  for (const [name, values] of Object.entries(route.params)) {
    for (const value of values.length ? values : [emptied]) query.append(name, value);
  }
  if (route.seed) query.append("seed", route.seed);
  const text = query.toString();
  return "/" + encodeURIComponent(route.method) + (text ? "?" + text : "");
}

/** Drops parameters that a technique does not have or that are at their defaults. */
export function tidy(route: Route, method: Method | undefined): Route {
  const params: Route["params"] = {};
  for (const p of method?.params ?? []) {
    const given = route.params[p.name];
    if (given && !isDefault(p, given)) params[p.name] = given;
  }
  return { ...route, params };
}

export function isDefault(p: Param, values: string[]): boolean {
  return values.length === p.default.length && values.every((v, i) => v === p.default[i]);
}

/** The texts of a parameter: those given, or its default. */
export function valueOf(route: Route, p: Param): string[] {
  return route.params[p.name] ?? p.default;
}
