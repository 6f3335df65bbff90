// Of a browser what modules reach for when they are loaded, and the event that a connection is back.
const page = new EventTarget();
Object.assign(globalThis, {
  location: { hash: '', origin: 'http://x' },
  document: Object.assign(new EventTarget(), { hidden: false }),
  addEventListener: page.addEventListener.bind(page),
  removeEventListener: page.removeEventListener.bind(page),
  dispatchEvent: page.dispatchEvent.bind(page),
});

/** Whole numbers that are the same in every run. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}
