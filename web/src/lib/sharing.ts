/**
 * A value that equals next, made of what old has of it already: whoever draws a
 * part that is the same as before is given the same object and need not draw it
 * anew. Both are JSON.
 */
export function sharing<T>(old: unknown, next: T): T {
  if (old === next || !isComposite(old) || !isComposite(next) || Array.isArray(old) !== Array.isArray(next)) return next;
  const before = old as Record<string, unknown>;
  const parts = Object.entries(next).map(([key, value]): [string, unknown] => [key, sharing(before[key], value)]);
  const same = parts.length === Object.keys(before).length && parts.every(([key, part]) => Object.hasOwn(before, key) && part === before[key]);
  if (same) return old as T;
  return (Array.isArray(next) ? parts.map(([, part]) => part) : Object.fromEntries(parts)) as T;
}

const isComposite = (value: unknown): value is object => typeof value === "object" && value !== null;
