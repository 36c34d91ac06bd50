// The colours of package render, which the app uses too: one truth for both.

export interface Ink {
  name: string;
  light: string;
  dark: string;
}

export interface ClassColors {
  class: string;
  fill: [string, string]; // light, dark
  line: [string, string];
}

export interface Palette {
  inks: Ink[];
  /** The node classes of graphs; the last stands for any other. */
  classes: ClassColors[];
}

const color = /^#[0-9a-f]{6}$/i;
const word = /^[a-z][a-z0-9-]*$/;

/** A style sheet with a custom property for each ink. */
export function styleSheet(palette: Palette): string {
  const lines: string[] = [];
  const declare = (name: string, light: string, dark: string) => {
    if (word.test(name) && color.test(light) && color.test(dark)) lines.push(`--${name}:light-dark(${light},${dark});`);
  };
  for (const { name, light, dark } of palette.inks) declare(name, light, dark);
  for (const c of palette.classes) {
    declare(`${c.class}-fill`, ...c.fill);
    declare(`${c.class}-line`, ...c.line);
  }
  return `:root{${lines.join("")}}`;
}

/** Colours by name for drawing on canvases, which know no custom properties. */
export class Inks {
  readonly #inks = new Map<string, string>();
  readonly #classes = new Map<string, { fill: string; line: string }>();
  readonly #other: { fill: string; line: string };

  constructor(palette: Palette, readonly dark: boolean) {
    const side = dark ? 1 : 0;
    for (const i of palette.inks) this.#inks.set(i.name, dark ? i.dark : i.light);
    for (const c of palette.classes) this.#classes.set(c.class, { fill: c.fill[side], line: c.line[side] });
    this.#other = [...this.#classes.values()].at(-1) ?? { fill: "Canvas", line: "CanvasText" };
  }

  of(name: string): string {
    return this.#inks.get(name) ?? "CanvasText";
  }

  class(name: string): { fill: string; line: string } {
    return this.#classes.get(name) ?? this.#other;
  }
}
