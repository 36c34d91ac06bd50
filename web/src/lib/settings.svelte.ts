// What a person sets for themselves: language and theme. It is kept by the
// browser; addresses do not hold it, so that a link looks right to its reader.
import { en } from "../text/en";
import { ja } from "../text/ja";

export type Text = typeof en;
export type Language = "en" | "ja";
export type ThemeChoice = "auto" | "light" | "dark";

const tables: Record<Language, Text> = { en, ja };

function recall(key: string): string | null {
  try {
    return localStorage.getItem("tomo." + key);
  } catch {
    return null; // storage may be forbidden
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem("tomo." + key, value);
  } catch {
    // then it lasts as long as the page
  }
}

function firstLanguage(): Language {
  const kept = recall("language");
  if (kept === "en" || kept === "ja") return kept;
  return navigator.language.startsWith("ja") ? "ja" : "en";
}

function firstTheme(): ThemeChoice {
  const kept = recall("theme");
  return kept === "light" || kept === "dark" ? kept : "auto";
}

const darkSystem = matchMedia("(prefers-color-scheme: dark)");

class Settings {
  #language = $state<Language>(firstLanguage());
  #theme = $state<ThemeChoice>(firstTheme());
  #systemDark = $state(darkSystem.matches);

  constructor() {
    darkSystem.addEventListener("change", (e) => (this.#systemDark = e.matches));
    this.#apply();
  }

  /** The texts in the language that was chosen. */
  get text(): Text {
    return tables[this.#language];
  }

  get language(): Language {
    return this.#language;
  }

  get theme(): ThemeChoice {
    return this.#theme;
  }

  get dark(): boolean {
    return this.#theme === "auto" ? this.#systemDark : this.#theme === "dark";
  }

  setLanguage(language: Language): void {
    this.#language = language;
    keep("language", language);
    this.#apply();
  }

  setTheme(theme: ThemeChoice): void {
    this.#theme = theme;
    keep("theme", theme);
    this.#apply();
  }

  #apply(): void {
    document.documentElement.lang = this.#language;
    document.documentElement.dataset.theme = this.#theme;
  }
}

export const settings = new Settings();

/** Whether the reader asked for little movement. */
export function calm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
