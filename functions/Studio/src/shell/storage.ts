type Place = 'localStorage' | 'sessionStorage';

/** What the browser keeps for the page, or for this tab, under a name; null where there is nothing that can be read. */
export function recall(place: Place, name: string): unknown {
  try {
    return JSON.parse(window[place].getItem(name) ?? 'null');
  } catch {
    // Not ours, or storage is closed to the page.
    return null;
  }
}

/** Keeps what JSON can say; null forgets. Where storage is full or closed, it lasts as long as the page. */
export function keep(place: Place, name: string, value: unknown): void {
  try {
    if (value === null) window[place].removeItem(name);
    else window[place].setItem(name, JSON.stringify(value));
  } catch {
    // As said.
  }
}
