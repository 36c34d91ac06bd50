// The parts of curves that the page knows. What is known is not asked again:
// of a curve that has grown, only its end is.
import * as server from "./ask";
import { folded, joined, tailOf, type Curve } from "./curve";
import type { Axis, Part } from "./types";

export interface Look extends Part {
  axis: Axis;
  columns: number;
}

interface Waiting {
  look: Look;
  part: Part;
  done: (c: Curve | null) => void;
  failed: (error: unknown) => void;
}

interface Kept {
  curve: Curve | null;
  /** The run's version when it was told. */
  version: number;
}

const most = 1_500_000; // buckets that are kept, of 64 bytes
const together = 400; // curves of one request

export class Windows {
  #kept = new Map<string, Kept>();
  #size = 0; // in buckets
  #asking = new Map<string, Promise<void>>();
  #waiting: Waiting[] = [];
  #version = new Map<string, number>();

  /** Says that a run has grown. */
  grown(run: string, version: number): void {
    this.#version.set(run, Math.max(version, this.#version.get(run) ?? 0));
  }

  /** Forgets all, as when the server has started anew. */
  clear(): void {
    this.#kept.clear();
    this.#size = 0;
    this.#version.clear();
  }

  /** What is known of a curve, be it of a while ago. */
  get(look: Look): Curve | null {
    return this.#kept.get(keyOf(look))?.curve ?? null;
  }

  /** Brings curves up to date. */
  async bring(looks: Look[]): Promise<void> {
    await Promise.all(looks.map((look) => this.#one(look)));
  }

  #one(look: Look): Promise<void> {
    const key = keyOf(look);
    const version = this.#version.get(look.run) ?? 0;
    const kept = this.#kept.get(key);
    if (kept && kept.version === version) return Promise.resolve();
    const asking = this.#asking.get(key);
    if (asking) return asking.then(() => this.#one(look));
    const work = this.#fetch(look, kept)
      .then((curve) => this.#keep(key, { curve, version }))
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, work);
    return work;
  }

  async #fetch(look: Look, kept: Kept | undefined): Promise<Curve | null> {
    const { run, name, low, high, columns } = look;
    const tail = kept?.curve && tailOf(kept.curve);
    if (kept?.curve && tail) {
      if (high !== null && kept.curve.after) return kept.curve; // it goes on beyond the window
      const more = await this.#ask(look, { run, name, low: tail.from, high });
      const curve = more && joined(kept.curve, tail.kept, more, low === null && high === null);
      if (curve) return folded(curve, columns);
    }
    return this.#ask(look, { run, name, low, high });
  }

  #keep(key: string, kept: Kept): void {
    this.#drop(key); // the last is the latest
    this.#kept.set(key, kept);
    this.#size += sizeOf(kept);
    for (const old of this.#kept.keys()) {
      if (this.#size <= most || old === key) break;
      this.#drop(old);
    }
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept) this.#size -= sizeOf(kept);
    this.#kept.delete(key);
  }

  // What is asked for at the same moment goes in one request.
  #ask(look: Look, part: Part): Promise<Curve | null> {
    return new Promise((done, failed) => {
      if (this.#waiting.push({ look, part, done, failed }) === 1) setTimeout(() => this.#send());
    });
  }

  #send(): void {
    const groups = new Map<string, Waiting[]>();
    for (const w of this.#waiting) {
      const key = `${w.look.axis} ${w.look.columns}`;
      groups.set(key, [...(groups.get(key) ?? []), w]);
    }
    this.#waiting = [];
    for (const group of groups.values()) {
      for (let i = 0; i < group.length; i += together) void this.#request(group.slice(i, i + together));
    }
  }

  async #request(group: Waiting[]): Promise<void> {
    const { axis, columns } = group[0].look;
    try {
      const curves = await server.windows(axis, columns, group.map((w) => w.part));
      group.forEach((w, i) => w.done(curves[i]));
    } catch (error) {
      for (const w of group) w.failed(error);
    }
  }
}

const sizeOf = (kept: Kept) => 1 + (kept.curve?.x0.length ?? 0);
const keyOf = (l: Look) => [l.axis, l.columns, l.low, l.high, l.run, l.name].join("\n");
