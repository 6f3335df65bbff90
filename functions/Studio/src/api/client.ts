import { follow } from './follow';
import { json, send } from './http';
import type {
  BatchList, BatchView, EditList, EditView, Link, Models, MarksReport, Results, SampleRequest, StartRequest, State, Ticket,
} from './types';

const edit = (id: string) => `/api/edits/${encodeURIComponent(id)}`;
const batch = (name: string) => `/api/batches/${encodeURIComponent(name)}`;
// Names of files have folders.
const file = (name: string) => name.split('/').map(encodeURIComponent).join('/');

function query(parts: Record<string, string | number | undefined>): string {
  const given = Object.entries(parts).filter((part): part is [string, string | number] => part[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, `${value}`]))}`;
}

export interface ListQuery { state?: State | undefined; limit?: number | undefined; continuation?: string | undefined }

let known: Promise<Models> | null = null;

/** The calls of the service. Each goes on by itself when the connection is lost, and fails with an ApiError. */
export const api = {
  /** Asked for once: they change with a deployment only. */
  models: () => known ??= json<Models>('/api/models').catch((error: unknown) => { known = null; throw error; }),

  list: ({ state, limit, continuation }: ListQuery = {}, signal?: AbortSignal) =>
    json<EditList>(`/api/edits${query({ state, limit, continuation })}`, { signal }),

  edit: (id: string, signal?: AbortSignal) => json<EditView>(edit(id), { signal }),

  /** Every change after `lastSequence` (all, where it is undefined), until the edit has ended or is gone. */
  events: (id: string, lastSequence: number | undefined, signal: AbortSignal): AsyncIterable<EditView | 'gone'> => follow(edit(id), lastSequence, signal),

  /** Starting the same under the same id again gives the same edit. Waits while too many are under way. */
  start: (id: string, request: StartRequest, signal?: AbortSignal) =>
    json<EditView>(edit(id), { method: 'PUT', body: request, signal, tries: Infinity }),

  sample: (id: string, request: SampleRequest, key: string) =>
    json<EditView>(`${edit(id)}/samples`, { method: 'POST', body: request, headers: { 'idempotency-key': key } }),

  /** The edit and those that sample the same tuning, newest first. */
  samples: async (id: string, signal?: AbortSignal) => (await json<EditList>(`${edit(id)}/samples`, { signal })).edits,

  cancel: (id: string) => json<EditView>(`${edit(id)}/cancel`, { method: 'POST' }),

  /** Whether it is gone already; else as soon as a worker has stopped. */
  remove: async (id: string): Promise<boolean> => (await send(edit(id), { method: 'DELETE' })).status === 204,

  results: (id: string, signal?: AbortSignal) => json<Results>(`${edit(id)}/results`, { signal }),

  /** An address for an img of one file of the results, or of a preview. */
  link: (id: string, name: string, signal?: AbortSignal) =>
    json<Link>(`${edit(id)}/results/${file(name)}`, { headers: { accept: 'application/json' }, signal }),

  ticket: (name: string, signal?: AbortSignal) => json<Ticket>('/api/uploads', { method: 'POST', body: { name }, signal }),

  /** What a picture carries of its origin. */
  verify: (picture: Blob, signal?: AbortSignal) => json<MarksReport>('/api/verify', { method: 'POST', file: picture, signal }),

  batches: (continuation?: string, signal?: AbortSignal) => json<BatchList>(`/api/batches${query({ continuation })}`, { signal }),

  batch: (name: string, signal?: AbortSignal) => json<BatchView>(batch(name), { signal }),

  /** An address for an img of all pictures of a batch. */
  contactSheet: (name: string, signal?: AbortSignal) =>
    json<Link>(`${batch(name)}/contact-sheet`, { headers: { accept: 'application/json' }, signal }),

  /** Whether it is gone already; else call again. */
  removeBatch: async (name: string): Promise<boolean> => (await send(batch(name), { method: 'DELETE' })).status === 204,
};

/** An id that sorts by time (UUID version 7, RFC 9562), so that a start can be repeated. */
export function newEditId(now = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (40 - 8 * i)) & 0xff;
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
