// What the server has: techniques, models, pictures. One for the whole app.
import { api, failureOf } from "./api";
import { Inks, type Palette } from "./palette";
import { settings } from "./settings.svelte";
import type { Colormap, Failure, ImageFile, Method, Model, ModelFile, Workspace } from "./types";

const page = 200;

class Session {
  methods = $state.raw<Method[]>([]);
  workspace = $state.raw<Workspace | null>(null);
  images = $state.raw<ImageFile[]>([]);
  colormaps = $state.raw<Colormap[]>([]);
  palette = $state.raw<Palette>({ inks: [], classes: [] });
  failure = $state.raw<Failure | null>(null);
  inks = $derived(new Inks(this.palette, settings.dark));

  #models = new Map<string, Promise<Model>>();

  async load(): Promise<void> {
    this.failure = null;
    try {
      [this.palette, this.methods, this.colormaps] = await Promise.all([api.palette(), api.methods(), api.colormaps()]);
      this.#open(await api.workspace(0, page));
    } catch (error) {
      this.failure = failureOf(error);
    }
  }

  /** Looks for new files below the server's paths. */
  async look(): Promise<void> {
    this.#models.clear();
    this.#open(await api.workspace(0, page, true));
  }

  async moreImages(): Promise<void> {
    const next = await api.workspace(this.images.length, page);
    const known = new Set(this.images.map((i) => i.id));
    this.images = [...this.images, ...next.images.filter((i) => !known.has(i.id))];
  }

  async drop(file: File): Promise<ImageFile> {
    const image = await api.drop(file);
    if (!this.images.some((i) => i.id === image.id)) this.images = [image, ...this.images];
    return image;
  }

  method(name: string): Method | undefined {
    return this.methods.find((m) => m.name === name);
  }

  /** The model of an address: the one it names, or the first. */
  model(id: string): ModelFile | undefined {
    const models = this.workspace?.models ?? [];
    return id ? models.find((m) => m.id === id) : models[0];
  }

  image(id: string): ImageFile | undefined {
    return this.images.find((i) => i.id === id);
  }

  /** The picture that is shown when an address names none. */
  get firstImage(): ImageFile | undefined {
    return this.images.find((i) => i.path) ?? this.images[0];
  }

  /** All about a model; opened once. */
  about(id: string): Promise<Model> {
    let model = this.#models.get(id);
    if (!model) {
      model = api.model(id);
      model.catch(() => this.#models.delete(id));
      this.#models.set(id, model);
    }
    return model;
  }

  #open(workspace: Workspace): void {
    this.workspace = workspace;
    this.images = workspace.images;
  }
}

export const session = new Session();
