import { signal } from '@preact/signals';
import type { Place } from '../pictures/names';
import { keep, recall } from '../shell/storage';
import { keyOf } from './cells';

const nameOf = (editId: string) => `imagic-stars/${editId}`;

/** The pictures of an edit that a person has starred, kept by this browser. */
export function createStars(editId: string) {
  const stars = signal<ReadonlySet<string>>(read(editId));
  // Another tab may show the same edit.
  const follow = (event: StorageEvent) => { if (event.key === nameOf(editId)) stars.value = read(editId); };
  addEventListener('storage', follow);
  return {
    has: (place: Place) => stars.value.has(keyOf(place)),
    get count() { return stars.value.size; },
    toggle(place: Place): boolean {
      const next = new Set(stars.value);
      const isStarred = !next.delete(keyOf(place));
      if (isStarred) next.add(keyOf(place));
      stars.value = next;
      keep('localStorage', nameOf(editId), next.size > 0 ? [...next] : null);
      return isStarred;
    },
    end: () => removeEventListener('storage', follow),
  };
}

export type Stars = ReturnType<typeof createStars>;

function read(editId: string): ReadonlySet<string> {
  const known = recall('localStorage', nameOf(editId));
  return new Set(Array.isArray(known) ? known.filter(key => typeof key === 'string') : []);
}
