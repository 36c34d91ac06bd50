// The order of a matrix's rows and columns.

export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Places sorted by their numbers, the greatest first; what is no number comes last. */
export function byFalling(places: number[], number: (place: number) => number): number[] {
  return places.toSorted((a, b) => {
    const x = number(a);
    const y = number(b);
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return y - x;
  });
}

/** How numbers lie between the least and the greatest of some: 0 to 1. */
export function ownShare(all: number[]): (x: number) => number {
  const finite = all.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  return (x) => (high > low ? (x - low) / (high - low) : 0 * x);
}

/** The k greatest of some numbers, by place. */
export function greatest(n: number, k: number, number: (place: number) => number): number[] {
  return byFalling(upTo(n), number).slice(0, k);
}
