// Where the cards of a page lie, so that only those on the screen are made.

export interface Section {
  title: string;
  names: string[];
}

/** What people look for first. */
const first = [/^loss$/i, /^acc(uracy)?$/i, /^train$/i, /^(val(idation)?|eval|test)$/i];

/** Curves by what stands before the first slash of their names, pinned ones first. */
export function sectionsOf(names: string[], pins: string[], pinned: string, other: string): Section[] {
  const known = new Set(names);
  const sections = new Map<string, string[]>();
  for (const name of names) {
    const slash = name.indexOf("/");
    const title = slash > 0 ? name.slice(0, slash) : other;
    const list = sections.get(title);
    if (list) list.push(name);
    else sections.set(title, [name]);
  }
  const out = [...sections].map(([title, names]) => ({ title, names }));
  const rank = (title: string) => {
    const place = first.findIndex((f) => f.test(title));
    return place >= 0 ? place : first.length + Number(title !== other);
  };
  out.sort((a, b) => rank(a.title) - rank(b.title));
  const shown = pins.filter((p) => known.has(p));
  return shown.length ? [{ title: pinned, names: shown }, ...out] : out;
}

/** A heading, or a row of cards. */
export interface Block {
  y: number;
  h: number;
  section: number;
  /** Absent in a heading. */
  names?: string[];
}

export interface Sizes {
  columns: number;
  head: number;
  row: number;
}

export function layout(sections: Section[], closed: (title: string) => boolean, { columns, head, row }: Sizes): { blocks: Block[]; height: number } {
  const blocks: Block[] = [];
  let y = 0;
  sections.forEach((s, section) => {
    blocks.push({ y, h: head, section });
    y += head;
    if (closed(s.title)) return;
    for (let i = 0; i < s.names.length; i += columns) {
      blocks.push({ y, h: row, section, names: s.names.slice(i, i + columns) });
      y += row;
    }
  });
  return { blocks, height: y };
}

/** The blocks that reach into a part of the page. */
export function within(blocks: Block[], top: number, bottom: number): Block[] {
  let [from, to] = [0, blocks.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (blocks[middle].y + blocks[middle].h <= top) from = middle + 1;
    else to = middle;
  }
  let end = from;
  while (end < blocks.length && blocks[end].y < bottom) end++;
  return blocks.slice(from, end);
}
