import { tick } from "svelte";
import { api, failureOf, watchJob } from "./api";
import type { FigureBase } from "./figures/types";
import { sharing } from "./sharing";
import type { Failure, JobRequest, JobStatus } from "./types";

/** How long, in ms, a job may keep a newer request waiting. */
const patience = 400;

/** How many times as long as a figure so far took to come and be drawn the page is left to its reader. */
const sparing = 3;

/**
 * The work for one view: asks for a figure, follows the job, and keeps the old
 * figure until there is a new one.
 */
export class Work {
  figure = $state.raw<FigureBase | null>(null);
  /** The key of the figure that is shown, for downloads. */
  key = $state("");
  status = $state.raw<JobStatus | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** What is shown is a part: the job still runs, or was stopped. */
  partial = $state(false);

  #turn = 0; // answers to earlier requests are dropped
  #began = 0;
  #unwanted = 0; // the turn that was cancelled before its job had a name
  #drawing = 0; // the turn whose figures so far are being drawn
  #drawn = 0; // the number of the figure so far that is shown
  #next: JobRequest | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #letGo: () => void = () => {};

  get running(): boolean {
    return this.status?.state === "queued" || this.status?.state === "running";
  }

  /**
   * Asks for a figure when there is time for it: a job that began just now may
   * end first, so that figures follow a hand that drags; only the last request
   * counts.
   */
  ask(request: JobRequest): void {
    const left = this.running ? patience - (performance.now() - this.#began) : 0;
    if (left <= 0) return void this.start(request);
    clearTimeout(this.#timer);
    this.#next = request;
    this.#timer = setTimeout(() => this.#goOn(), left);
  }

  #goOn(): void {
    if (this.#next) void this.start(this.#next);
  }

  /** Asks for a figure now and gives up what runs. */
  async start(request: JobRequest): Promise<void> {
    const turn = this.#begin();
    try {
      const status = await api.start(request);
      if (turn !== this.#turn) {
        if (status.job) void api.cancel(status.job).catch(() => {});
        return;
      }
      this.failure = null;
      this.#take(turn, status);
      if (turn === this.#unwanted) this.cancel();
    } catch (error) {
      this.#fail(turn, error);
    }
  }

  /** Stops the job, also one that is still being asked for; what it has so far stays. */
  cancel(): void {
    if (!this.running) return;
    this.#forgetNext();
    const turn = this.#turn;
    const job = this.status?.job;
    if (!job) this.#unwanted = turn;
    else api.cancel(job).catch((error) => this.#fail(turn, error));
  }

  /** Leaves the view: its job is of no use any more. */
  leave(): void {
    this.#begin();
  }

  #begin(): number {
    this.#letGo();
    this.#letGo = () => {};
    this.#forgetNext();
    this.#began = performance.now();
    this.#drawn = 0;
    if (this.running && this.status?.job) void api.cancel(this.status.job).catch(() => {});
    this.status = { job: "", figure: "", state: "queued", done: 0, total: 0 };
    return ++this.#turn;
  }

  #forgetNext(): void {
    clearTimeout(this.#timer);
    this.#next = null;
  }

  #take(turn: number, status: JobStatus): void {
    if (turn !== this.#turn) return;
    if (status.state === "queued" || status.state === "running") {
      this.status = status;
      this.#follow(turn, status);
      return;
    }
    void this.#end(turn, status);
  }

  #follow(turn: number, status: JobStatus): void {
    const current = () => turn === this.#turn;
    this.#letGo = watchJob(status.job, {
      progress: (s) => {
        if (!current()) return;
        this.status = s;
        void this.#draw(turn);
      },
      end: (s) => void this.#end(turn, s),
      lost: () => void this.#recover(turn, status.job),
    });
  }

  // Shows figures so far while there are new ones, no faster than they can be
  // drawn with the page still at hand.
  async #draw(turn: number): Promise<void> {
    if (this.#drawing === turn) return;
    this.#drawing = turn;
    try {
      while (turn === this.#turn && this.running && this.status && this.#isNew(this.status)) {
        const began = performance.now();
        const { figure: key, partial } = this.status;
        const figure = await api.figure(key);
        if (turn !== this.#turn || !this.running) return;
        this.#show(figure, key, partial!);
        await tick();
        await new Promise((resolve) => setTimeout(resolve, sparing * (performance.now() - began)));
      }
    } catch {
      // There will be another, or the whole one.
    } finally {
      if (this.#drawing === turn) this.#drawing = 0;
    }
  }

  #isNew = (status: JobStatus) => (status.partial ?? 0) > this.#drawn;

  // The stream broke off: the job itself knows how it ended.
  async #recover(turn: number, job: string): Promise<void> {
    try {
      this.#take(turn, await api.job(job));
    } catch (error) {
      this.#fail(turn, error);
    }
  }

  async #end(turn: number, status: JobStatus): Promise<void> {
    if (turn !== this.#turn) return;
    try {
      const done = status.state === "done";
      if (done || this.#isNew(status)) {
        // The figure so far of a job that was stopped may be gone: how it ended counts.
        const figure = await api.figure(status.figure).catch((error) => (done ? Promise.reject(error) : null));
        if (turn !== this.#turn) return;
        if (figure) this.#show(figure, status.figure, done ? 0 : status.partial!);
      }
      this.failure = status.state === "failed" ? (status.failure ?? null) : null;
      this.status = status;
      this.#goOn();
    } catch (error) {
      this.#fail(turn, error);
    }
  }

  // Shows a figure, the whole one or that so far of a number.
  #show(figure: FigureBase, key: string, partial: number): void {
    this.figure = sharing(this.figure, figure);
    this.key = key;
    this.partial = partial > 0;
    this.#drawn = partial;
  }

  #fail(turn: number, error: unknown): void {
    if (turn !== this.#turn) return;
    this.failure = failureOf(error);
    this.status = null;
    this.#goOn();
  }
}
