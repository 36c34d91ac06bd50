// Numbers for people.

/** A few digits that tell values apart; "–" for what is no number. */
export function brief(v: number | null | undefined, digits = 3): string {
  if (v === null || v === undefined || Number.isNaN(v)) return "–";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  const text = String(parseFloat(v.toPrecision(digits)));
  return text.replaceAll("-", "−");
}

/** A share of one as a percentage that does not claim 0 or 100 %. */
export function percent(share: number | null): string {
  if (share === null || Number.isNaN(share)) return "–";
  const p = 100 * share;
  if (p > 0 && p < 0.05) return "< 0.1 %";
  if (p < 100 && p >= 99.95) return "> 99.9 %";
  return p.toFixed(1) + " %";
}

export function thousands(n: number): string {
  return Math.round(n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** 11,689,512 as 11.7 M. */
export function short(n: number): string {
  const units: [number, string][] = [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e3, " k"]];
  for (const [size, unit] of units) if (n >= size) return parseFloat((n / size).toPrecision(3)) + unit;
  return String(n);
}

export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let i = 0;
  while (n >= 1000 && i < units.length - 1) {
    n /= 1000;
    i++;
  }
  return `${parseFloat(n.toPrecision(3))} ${units[i]}`;
}
