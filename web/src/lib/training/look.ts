// How runs are told from each other: a colour, and dashes when the colours
// begin again (as package figure does, lines.go).

export interface Look {
  /** The name of its ink. */
  ink: string;
  dashed: boolean;
}

const hues = 8;

export function lookOf(place: number): Look {
  return { ink: `curve-${(place % hues) + 1}`, dashed: Math.floor(place / hues) % 2 === 1 };
}
