// Sorting and filtering the rows of a table without tearing its tree apart.
import type { Column, Row } from "./types";

export interface Sorting {
  column: number;
  falling: boolean;
}

interface Branch {
  row: Row;
  below: Branch[];
}

/** The rows that match, with the groups above them, sorted within each group. */
export function arrangeRows(rows: Row[], columns: Column[], query: string, sorting: Sorting | null): Row[] {
  const out: Row[] = [];
  flatten(sortBranches(prune(tree(rows), query.trim().toLowerCase()), columns, sorting), out);
  return out;
}

function tree(rows: Row[]): Branch[] {
  const top: Branch[] = [];
  const path: { depth: number; branch: Branch }[] = [];
  for (const row of rows) {
    const depth = row.depth ?? 0;
    while (path.length && path[path.length - 1].depth >= depth) path.pop();
    const branch: Branch = { row, below: [] };
    (path.at(-1)?.branch.below ?? top).push(branch);
    path.push({ depth, branch });
  }
  return top;
}

function matches(row: Row, query: string): boolean {
  return (row.cells ?? []).some((c) => c.text.toLowerCase().includes(query));
}

function prune(branches: Branch[], query: string): Branch[] {
  if (!query) return branches;
  return branches.flatMap((b) => {
    if (matches(b.row, query)) return [b];
    const below = prune(b.below, query);
    return below.length ? [{ row: b.row, below }] : [];
  });
}

function sortBranches(branches: Branch[], columns: Column[], sorting: Sorting | null): Branch[] {
  if (!sorting) return branches;
  const sign = sorting.falling ? -1 : 1;
  const number = columns[sorting.column]?.number;
  const cell = (b: Branch) => b.row.cells?.[sorting.column];
  const compare = (a: Branch, b: Branch): number => {
    if (!number) return sign * (cell(a)?.text ?? "").localeCompare(cell(b)?.text ?? "", undefined, { numeric: true });
    const [x, y] = [a, b].map((v) => numberOf(cell(v)));
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1; // nothing comes last either way
    return sign * (x - y);
  };
  return [...branches].sort(compare).map((b) => ({ row: b.row, below: sortBranches(b.below, columns, sorting) }));
}

// JSON leaves out a value of zero and writes null for what is no number.
function numberOf(cell: { text: string; value?: number | null } | undefined): number | null {
  if (!cell || cell.value === null || (cell.value === undefined && !/\d/.test(cell.text))) return null;
  return cell.value ?? 0;
}

function flatten(branches: Branch[], out: Row[]): void {
  for (const b of branches) {
    out.push(b.row);
    flatten(b.below, out);
  }
}
