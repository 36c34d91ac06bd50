// How far from the window something is got ready.
const margin = "400px";

const listeners = new WeakMap<Element, (near: boolean) => void>();
let observer: IntersectionObserver | undefined;

/**
 * Tells when an element comes to the screen or close to it, and when it is far
 * again; the returned function ends that. What is far need not be drawn.
 */
export function watchNear(element: Element, tell: (near: boolean) => void): () => void {
  // The scroll margin is for parts of the page that scroll by themselves.
  observer ??= new IntersectionObserver((entries) => entries.forEach((e) => listeners.get(e.target)?.(e.isIntersecting)), {
    rootMargin: margin,
    scrollMargin: margin,
  } as IntersectionObserverInit);
  listeners.set(element, tell);
  observer.observe(element);
  return () => {
    observer!.unobserve(element);
    listeners.delete(element);
  };
}
