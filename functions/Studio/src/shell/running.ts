import { signal } from '@preact/signals';
import { ApiError } from '../api/ApiError';
import { api } from '../api/client';
import { hasEnded, type EditView } from '../api/types';
import { keep, recall } from './storage';

/** An edit that is under way, or has ended and nobody has looked yet. */
export interface Running { id: string; text: string; view?: EditView }

const Item = 'imagic-running';
const Interval = 4_000;
const HiddenInterval = 20_000;

export const running = signal<Running[]>(read());

/** What the start, a screen or the strip itself has heard; what is under way is remembered. */
export function heard(view: EditView, isSeen = false): void {
  if (view.deleteRequested || view.state === 'cancelled' || (isSeen && hasEnded(view.state))) forget(view.editId);
  else if (running.value.some(other => other.id === view.editId)) write(running.value.map(other => other.id === view.editId ? { ...other, view } : other));
  else write([...running.value, { id: view.editId, text: view.settings.targetText, view }]);
}

export function forget(id: string): void {
  if (running.value.some(other => other.id === id)) write(running.value.filter(other => other.id !== id));
}

/** Asks for each that no screen tells of: streams would take the few connections that a browser opens to one host. */
export function watchRunning(isShown: (id: string) => boolean): void {
  setTimeout(async () => {
    for (const { id, view } of running.value) {
      if (isShown(id) || (view && hasEnded(view.state))) continue;
      try {
        heard(await api.edit(id));
      } catch (error) {
        if (!(error instanceof ApiError)) continue;
        if (error.status === 404) forget(id);
        // Nobody wants to give a key: asking again and again would be a nuisance.
        if (error.status === 401) return;
      }
    }

    watchRunning(isShown);
  }, document.hidden ? HiddenInterval : Interval);
}

// Another tab has started or finished one.
addEventListener('storage', event => { if (event.key === Item) running.value = read(); });

function write(now: Running[]): void {
  running.value = now;
  keep('localStorage', Item, now.map(({ id, text }) => ({ id, text })));
}

function read(): Running[] {
  const kept = recall('localStorage', Item);
  return Array.isArray(kept) ? kept.filter((other): other is Running => typeof other?.id === 'string' && typeof other?.text === 'string') : [];
}
