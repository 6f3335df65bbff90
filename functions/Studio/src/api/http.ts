import { computed, signal } from '@preact/signals';
import { ApiError } from './ApiError';
import { askForKey, functionKey } from './key';

/** Why a call waits to be made again; it goes on by itself. */
export type Trouble = 'offline' | { detail: string };

const troubles = signal<ReadonlyMap<object, Trouble>>(new Map());

/** For a line that says so: it stays until the call has got through or was given up, whatever others get through meanwhile. */
export const trouble = computed(() => [...troubles.value.values()].at(-1));

export function tell(call: object, now: Trouble | null): void {
  if (now === null && !troubles.value.has(call)) return;
  const all = new Map(troubles.value);
  if (now === null) all.delete(call);
  else all.set(call, now);
  troubles.value = all;
}

export interface Call {
  method?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead of JSON. */
  file?: Blob;
  signal?: AbortSignal | undefined;
  /** How often an answer that asks to come again is taken for a "no"; a lost connection is never one. */
  tries?: number;
}

const MaxPause = 30;

/** Sends a call until it is answered. Every call may be repeated: what would not bear it has an id or a key of its own. */
export async function send(path: string, call: Call = {}): Promise<Response> {
  const tries = call.tries ?? 5;
  try {
    for (let attempt = 1, losses = 0; ;) {
      const key = functionKey();
      const answer = await once(path, call, key);
      if (!answer) {
        tell(call, 'offline');
        await pause(Math.min(2 ** losses++, MaxPause), call.signal);
        continue;
      }

      losses = 0;
      if (answer.ok || answer.status === 304) return answer;
      const error = await ApiError.of(answer);
      if (error.status === 401 && await askForKey(key) !== null) continue;
      if (!passes(error.status) || attempt >= tries) throw error;
      tell(call, { detail: error.detail });
      await pause(Math.min(error.retryAfter ?? 2 ** attempt, MaxPause), call.signal);
      attempt++;
    }
  } finally {
    tell(call, null);
  }
}

export async function json<T>(path: string, call?: Call): Promise<T> {
  return (await send(path, call)).json() as Promise<T>;
}

/** Waits, or until the connection is back. */
export function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, seconds * 1000);
    addEventListener('online', done);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();

    function tidy() {
      clearTimeout(timer);
      removeEventListener('online', done);
      signal?.removeEventListener('abort', stop);
    }

    function done() { tidy(); resolve(); }
    function stop() { tidy(); reject(signal!.reason); }
  });
}

const passes = (status: number) => status === 408 || status === 429 || status >= 500;

/** Null when nobody answered. */
async function once(path: string, call: Call, key: string | null): Promise<Response | null> {
  const headers = new Headers(call.headers);
  if (key !== null) headers.set('x-functions-key', key);
  if (call.body !== undefined) headers.set('content-type', 'application/json');
  if (call.file) headers.set('content-type', 'application/octet-stream');
  try {
    return await fetch(path, {
      method: call.method ?? 'GET', headers,
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      ...(call.file && { body: call.file }),
      ...(call.signal && { signal: call.signal }),
    });
  } catch (error) {
    if (call.signal?.aborted || !(error instanceof TypeError)) throw error;
    return null;
  }
}
