// One for all: an observer each would be asked one by one.
const watched = new Map<Element, (isNear: boolean) => void>();
const observer = new IntersectionObserver(
  entries => { for (const entry of entries) watched.get(entry.target)?.(entry.isIntersecting); }, { rootMargin: '300px' });

/** Tells when an element comes near the screen, and when it goes; answers how to stop. */
export function onSeen(element: Element, tell: (isNear: boolean) => void): () => void {
  watched.set(element, tell);
  observer.observe(element);
  return () => {
    observer.unobserve(element);
    watched.delete(element);
  };
}
