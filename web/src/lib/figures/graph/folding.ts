// Modules are opened and closed by the parameter "expand" of the technique
// that drew them: the server lays the graph out anew.
import type { View } from "../../view/view.svelte";

/** The paths that are open by choice, or null if the technique has no such parameter. */
export function expanded(view: Pick<View, "param" | "values">): string[] | null {
  const p = view.param("expand");
  return p ? view.values(p) : null;
}

export function unfolded(view: Pick<View, "param" | "values">, path: string): string[] {
  const now = expanded(view) ?? [];
  return now.includes(path) ? now : [...now, path];
}

/** Without a module and what was opened in it. */
export function folded(view: Pick<View, "param" | "values">, path: string): string[] {
  return (expanded(view) ?? []).filter((p) => p !== path && !p.startsWith(path + ".") && !p.startsWith(path + "/"));
}
