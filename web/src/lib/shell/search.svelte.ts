// One search for the app: the figure that is shown may offer what is in it.

/** A figure in which things can be found. */
export interface Searchable {
  /** How many things match; the first is shown. "" ends the search. */
  find(query: string): number;
  /** As find, but shows nothing. */
  count(query: string): number;
  /** Shows the i-th of them; absent where all are shown at once. */
  show?(i: number): void;
}

class Search {
  query = $state("");
  hits = $state(0);
  at = $state(0);
  figure = $state.raw<Searchable | null>(null);

  /** The figure that is searched; the returned function takes it away. */
  offer(figure: Searchable): () => void {
    this.figure = figure;
    this.#find();
    return () => {
      if (this.figure === figure) this.figure = null;
    };
  }

  set(query: string): void {
    if (query === this.query) return;
    this.query = query;
    this.#find();
  }

  /** Looks again in a figure that has changed, and moves nothing. */
  refresh(): void {
    if (this.figure) this.hits = this.figure.count(this.query.trim());
  }

  #find(): void {
    this.at = 0;
    this.hits = this.figure?.find(this.query.trim()) ?? 0;
  }

  step(by: 1 | -1): void {
    if (!this.hits || !this.figure?.show) return;
    this.at = (this.at + by + this.hits) % this.hits;
    this.figure.show(this.at);
  }
}

export const search = new Search();
