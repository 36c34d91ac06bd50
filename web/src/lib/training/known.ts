// What the page knows of curves, by what was asked. What is known is not asked
// again: of a curve that has grown, only its end is.
import type { Axis, Part } from "./types";

/** What is asked of one curve on a chart. */
export interface Look extends Part {
  axis: Axis;
  columns: number;
  /** A metric that lies along the chart instead of the axis; empty is none. */
  by: string;
}

interface Waiting<L, P, V> {
  look: L;
  part: P;
  done: (v: V | null) => void;
  failed: (error: unknown) => void;
}

interface Kept<V> {
  value: V | null;
  /** The run's version when it was told. */
  version: number;
}

const together = 400; // curves of one request

export abstract class Known<L extends Look, P, V> {
  #kept = new Map<string, Kept<V>>();
  #size = 0; // as sizeOf counts
  #asking = new Map<string, Promise<void>>();
  #waiting: Waiting<L, P, V>[] = [];
  #version = new Map<string, number>();

  /** Keeps at most so much of what sizeOf counts. */
  constructor(readonly most: number) {}

  /** Tells what is asked of a curve from all else; the part of those that are asked together is the same. */
  protected abstract common(look: L): string;
  /** The runs by whose growing it is out of date. */
  protected runsOf = (look: L) => [look.run];
  protected abstract sizeOf(value: V): number;
  /** Asks for a curve, or for its end where it has grown. */
  protected abstract fetch(look: L, known: V | null): Promise<V | null>;
  /** Sends a question about curves that have all in common. */
  protected abstract request(look: L, parts: P[]): Promise<(V | null)[]>;

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
  get(look: L): V | null {
    return this.#kept.get(this.#keyOf(look))?.value ?? null;
  }

  /** Whether an answer is known, be it that there is nothing. */
  has(look: L): boolean {
    return this.#kept.has(this.#keyOf(look));
  }

  /** Brings curves up to date. */
  async bring(looks: L[]): Promise<void> {
    await Promise.all(looks.map((look) => this.#one(look)));
  }

  // What is asked for at the same moment goes in one request.
  protected ask(look: L, part: P): Promise<V | null> {
    return new Promise((done, failed) => {
      if (this.#waiting.push({ look, part, done, failed }) === 1) setTimeout(() => this.#send());
    });
  }

  #keyOf(l: L): string {
    return [this.common(l), l.low, l.high, l.name, ...this.runsOf(l)].join("\n");
  }

  #one(look: L): Promise<void> {
    const key = this.#keyOf(look);
    const version = Math.max(...this.runsOf(look).map((run) => this.#version.get(run) ?? 0));
    const kept = this.#kept.get(key);
    if (kept && kept.version === version) return Promise.resolve();
    const asking = this.#asking.get(key);
    if (asking) return asking.then(() => this.#one(look));
    const work = this.fetch(look, kept?.value ?? null)
      .then((value) => this.#keep(key, { value, version }))
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, work);
    return work;
  }

  #keep(key: string, kept: Kept<V>): void {
    this.#drop(key); // the last is the latest
    this.#kept.set(key, kept);
    this.#size += this.#weigh(kept);
    for (const old of this.#kept.keys()) {
      if (this.#size <= this.most || old === key) break;
      this.#drop(old);
    }
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept) this.#size -= this.#weigh(kept);
    this.#kept.delete(key);
  }

  #weigh(kept: Kept<V>): number {
    return 1 + (kept.value ? this.sizeOf(kept.value) : 0);
  }

  #send(): void {
    const groups = new Map<string, Waiting<L, P, V>[]>();
    for (const w of this.#waiting) {
      const key = this.common(w.look);
      groups.set(key, [...(groups.get(key) ?? []), w]);
    }
    this.#waiting = [];
    for (const group of groups.values()) {
      for (let i = 0; i < group.length; i += together) void this.#request(group.slice(i, i + together));
    }
  }

  async #request(group: Waiting<L, P, V>[]): Promise<void> {
    try {
      const values = await this.request(group[0].look, group.map((w) => w.part));
      group.forEach((w, i) => w.done(values[i]));
    } catch (error) {
      for (const w of group) w.failed(error);
    }
  }
}
