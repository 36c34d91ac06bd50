import { formatRoute, parseRoute, type Route } from "./route";

/** The address bar: the only place where the state of a view lives. */
class Router {
  route: Route = $state.raw(read());

  constructor() {
    addEventListener("popstate", () => (this.route = read()));
    addEventListener("click", (event) => this.#follow(event));
  }

  /** Goes to another view, as a link does. */
  go(route: Route): void {
    this.visit(formatRoute(route));
  }

  visit(address: string): void {
    this.#visit(address, false);
  }

  /** Changes the address of this view and leaves no step to go back to. */
  replace(route: Route): void {
    this.#visit(formatRoute(route), true);
  }

  #visit(address: string, inPlace: boolean): void {
    if (address === location.pathname + location.search) return;
    if (inPlace) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    this.route = read();
  }

  // Links of the app itself are followed without loading the page again.
  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname.startsWith("/api/") || (link.hash && link.pathname === location.pathname)) return;
    event.preventDefault();
    this.#visit(link.pathname + link.search, false);
    document.getElementById("main")?.scrollTo(0, 0);
  }
}

function read(): Route {
  return parseRoute(location.pathname, location.search);
}

export const router = new Router();
