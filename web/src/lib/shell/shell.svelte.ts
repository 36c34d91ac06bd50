// State of the shell and its keyboard. Views put their own keys on top while
// they are shown.
import { emptyRoute } from "../route";
import { router } from "../router.svelte";
import { settings, type ThemeChoice } from "../settings.svelte";

const themes: ThemeChoice[] = ["auto", "light", "dark"];

export type Keys = Record<string, () => void>;

class Shell {
  railOpen = $state(false);
  helpOpen = $state(false);
  #views: Keys[] = [];

  /** Adds a view's keys; the returned function takes them away. */
  listen(keys: Keys): () => void {
    this.#views.push(keys);
    return () => (this.#views = this.#views.filter((k) => k !== keys));
  }

  nextTheme(): void {
    settings.setTheme(themes[(themes.indexOf(settings.theme) + 1) % themes.length]);
  }

  nextLanguage(): void {
    settings.setLanguage(settings.language === "en" ? "ja" : "en");
  }

  readonly #own: Keys = {
    "/": () => document.getElementById("search")?.focus(),
    "?": () => (this.helpOpen = !this.helpOpen),
    g: () => router.go({ ...emptyRoute, model: router.route.model, images: router.route.images }),
    t: () => this.nextTheme(),
    l: () => this.nextLanguage(),
    Escape: () => (this.railOpen = false),
  };

  readonly key = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key !== "Escape" && isTyping(event.target)) return;
    const act = [...this.#views].reverse().find((k) => k[event.key])?.[event.key] ?? this.#own[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["range", "checkbox", "radio"].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

export const shell = new Shell();
