/**
 * A value that equals next, made of what old has of it already: whoever draws a
 * part that is the same as before is given the same object and need not draw it
 * anew. Both are JSON.
 */
export function sharing<T>(old: unknown, next: T): T {
  if (old === next || !isComposite(old) || !isComposite(next) || Array.isArray(old) !== Array.isArray(next)) return next;
  const before = old as Record<string, unknown>;
  const out = (Array.isArray(next) ? [] : {}) as Record<string, unknown>;
  let same = Object.keys(before).length === Object.keys(next).length;
  for (const [key, value] of Object.entries(next)) {
    out[key] = sharing(before[key], value);
    same &&= key in before && out[key] === before[key];
  }
  return (same ? old : out) as T;
}

const isComposite = (value: unknown): value is object => typeof value === "object" && value !== null;
