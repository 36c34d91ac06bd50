// What a form does with parameters; it never says what they mean.
import type { Method, Param } from "./types";

export type Control = "switch" | "slider" | "number" | "select" | "choices" | "layers" | "modules" | "classes" | "text" | "texts";

/** The control for a parameter. */
export function controlOf(p: Param): Control {
  if (p.type === "bool" && !p.list) return "switch";
  if (p.choices?.length) return p.list ? "choices" : "select";
  if (p.source === "layers" || p.source === "modules" || p.source === "classes") return p.source;
  if (p.list) return "texts";
  if (p.type === "string") return "text";
  return slides(p) ? "slider" : "number";
}

/** A slider must be able to hit each of its steps. */
function slides(p: Param): boolean {
  return p.min !== undefined && p.max !== undefined && (p.max - p.min) / stepOf(p) <= 200;
}

/** The parameters of a form: those always shown, and those folded away. */
export function arrange(method: Method, drawn: readonly string[]): { shown: Param[]; folded: Param[] } {
  const params = method.params.filter((p) => !drawn.includes(p.name));
  return { shown: params.filter((p) => !p.advanced), folded: params.filter((p) => p.advanced) };
}

export type Complaint =
  | { what: "number" | "whole" }
  | { what: "least" | "most"; bound: number }
  | { what: "choice" };

/** Why a text cannot be the value of a parameter, or null; the server has the last word. */
export function complaint(p: Param, text: string): Complaint | null {
  if (p.choices?.length && !p.choices.some((c) => c.name === text)) return { what: "choice" };
  if (p.type !== "int" && p.type !== "float") return null;
  const x = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(x)) return { what: "number" };
  if (p.type === "int" && !Number.isInteger(x)) return { what: "whole" };
  if (p.min !== undefined && x < p.min) return { what: "least", bound: p.min };
  if (p.max !== undefined && x > p.max) return { what: "most", bound: p.max };
  return null;
}

/** The step of a number's control where the technique names none. */
export function stepOf(p: Param): number {
  if (p.step !== undefined) return p.step;
  if (p.type === "int") return 1;
  return p.min !== undefined && p.max !== undefined ? (p.max - p.min) / 100 : 0.1;
}

/** The values with one put in or taken out, in the order of the choices. */
export function toggled(p: Param, values: string[], name: string): string[] {
  const next = values.includes(name) ? values.filter((v) => v !== name) : [...values, name];
  const order = p.choices?.map((c) => c.name);
  return order ? next.sort((a, b) => order.indexOf(a) - order.indexOf(b)) : next;
}

/** What a view still lacks before its technique can run. */
export function lacking(method: Method, model: string, images: string[]): ("model" | "image")[] {
  const out: ("model" | "image")[] = [];
  if (method.needs.includes("model") && !model) out.push("model");
  if (method.needs.includes("image") && images.length === 0) out.push("image");
  return out;
}
