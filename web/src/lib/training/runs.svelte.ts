// The runs that the server knows, kept up to date as they grow.
import { failureOf } from "../api";
import type { Failure } from "../types";
import * as server from "./ask";
import type { Run } from "./types";
import { Bands } from "./bands";
import { Smooths } from "./smooths";
import { Windows } from "./windows";

const atOnce = 8; // runs that are shown when none are chosen: as many as the palette has colours

class Runs {
  /** The latest first. */
  all = $state.raw<Run[]>([]);
  ready = $state(false);
  failure = $state.raw<Failure | null>(null);
  /** Counts up with every change of a run's points. */
  beat = $state(0);
  readonly windows = new Windows();
  readonly smooths = new Smooths();
  readonly bands = new Bands();

  /** The place of each run in the order of their creation, by which they are coloured. */
  places = $derived(new Map(this.all.map((r, i) => [r.id, this.all.length - 1 - i])));
  latest = $derived(this.all.slice(0, atOnce));

  #of = "";
  #last = 0;
  #followers = 0;
  #stop = () => {};
  #asking = false;
  #again = false;

  /** Asks for the runs while the page is still being made. */
  early(): void {
    void this.#ask();
  }

  /** Follows the runs until the returned function is called by all who did. */
  follow(): () => void {
    if (++this.#followers === 1) this.#begin();
    return () => {
      if (--this.#followers === 0) this.#stop();
    };
  }

  get(id: string): Run | undefined {
    return this.all.find((r) => r.id === id);
  }

  #begin(): void {
    if (!this.ready && !this.#asking) void this.#ask();
    this.#stop = server.follow({
      from: (last) => last !== this.#last && this.ready && void this.#ask(), // also after a break of the stream
      grown: (changes) => {
        for (const [run, change] of Object.entries(changes)) this.#grown(run, change);
        this.beat++;
        void this.#ask();
      },
      lost: (e) => (this.failure = e.failure),
    });
  }

  // Asks for the list at most each half second.
  async #ask(): Promise<void> {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    try {
      const news = await server.runs(this.#of, this.#last);
      if (news.of !== this.#of) for (const known of [this.windows, this.smooths, this.bands]) known.clear();
      this.#take(news.of === this.#of ? this.all : [], news.runs);
      [this.#of, this.#last, this.failure, this.ready] = [news.of, news.last, null, true];
    } catch (error) {
      if (!this.ready) this.failure = failureOf(error); // else it goes on when the stream does
    }
    setTimeout(() => {
      this.#asking = false;
      if (this.#again) void this.#ask();
      this.#again = false;
    }, 500);
  }

  #grown(run: string, change: number): void {
    for (const known of [this.windows, this.smooths, this.bands]) known.grown(run, change);
  }

  #take(known: Run[], news: Run[]): void {
    if (!news.length && known === this.all) return;
    const all = new Map(known.map((r) => [r.id, r]));
    for (const r of news) {
      if (r.gone) all.delete(r.id);
      else all.set(r.id, r);
      this.#grown(r.id, r.change);
    }
    this.all = [...all.values()].sort((a, b) => b.created - a.created || (a.id < b.id ? -1 : 1));
  }
}

export const runs = new Runs();
export const nameOf = (r: Run) => r.title || r.id;
