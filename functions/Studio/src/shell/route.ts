import { signal } from '@preact/signals';

/** Where the page is. It is in the address behind #, so that a link leads back and no id gets into a server's log. */
export type Route =
  | { screen: 'start' }
  | { screen: 'edit'; id: string }
  | { screen: 'gallery' }
  | { screen: 'check' }
  | { screen: 'batches'; name?: string };

export const route = signal<Route>(parse(location.hash));

addEventListener('hashchange', () => { route.value = parse(location.hash); });

export function hrefOf(to: Route): string {
  switch (to.screen) {
    case 'start': return '#/';
    case 'check': return '#/check';
    case 'gallery': return '#/gallery';
    case 'batches': return to.name === undefined ? '#/batches' : `#/batches/${encodeURIComponent(to.name)}`;
    case 'edit': return `#/edits/${encodeURIComponent(to.id)}`;
  }
}

export function go(to: Route): void {
  location.hash = hrefOf(to);
  // The event comes later, and what follows may ask where the page is.
  route.value = to;
}

export function parse(hash: string): Route {
  const [screen, rest] = hash.replace(/^#\/?/, '').split('/');
  const name = rest ? decoded(rest) : undefined;
  if (screen === 'edits' && name) return { screen: 'edit', id: name };
  if (screen === 'batches') return name ? { screen: 'batches', name } : { screen: 'batches' };
  if (screen === 'check') return { screen: 'check' };
  return screen === 'gallery' ? { screen: 'gallery' } : { screen: 'start' };
}

// Somebody may have typed the address.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
