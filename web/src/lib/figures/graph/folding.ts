// Modules are opened and closed by the parameters "expand" and "fold" of the
// technique that drew them: the server lays the graph out anew.
import type { View } from "../../view/view.svelte";

type Params = Pick<View, "param" | "values">;

/** Whether the technique lets modules be opened and closed. */
export function foldable(view: Params): boolean {
  return !!view.param("expand") && !!view.param("fold");
}

/** The parameters with a module opened. */
export function unfolded(view: Params, path: string): Record<string, string[]> {
  const [expand, fold] = lists(view);
  return { expand: [...expand.filter((p) => p !== path), path], fold: fold.filter((p) => p !== path) };
}

/** The parameters with a module closed; what was set within it is forgotten. */
export function folded(view: Params, path: string): Record<string, string[]> {
  const [expand, fold] = lists(view).map((list) => list.filter((p) => !within(p, path)));
  return { expand, fold: [...fold, path] };
}

function lists(view: Params): [string[], string[]] {
  const of = (name: string) => {
    const p = view.param(name);
    return p ? view.values(p) : [];
  };
  return [of("expand"), of("fold")];
}

function within(path: string, module: string): boolean {
  return path === module || path.startsWith(module + ".") || path.startsWith(module + "/");
}
