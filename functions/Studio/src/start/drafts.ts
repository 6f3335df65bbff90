import type { Overrides, Size } from '../api/types';
import type { Picture } from './readPicture';

/** An edit that has not been accepted yet. */
export interface Draft {
  /** Chosen when it is sent, so that sending again after a reload starts one edit. */
  id?: string;
  picture?: Picture;
  /** What the upload is called, once the picture is there. */
  source?: string;
  targetText: string;
  model?: string;
  settings: Overrides;
  /** Working size that is asked for; the model's own where there is none. */
  size?: Size;
}

/** What was accepted: the picture beside which it is watched, and all that is needed to try again. */
interface Sent { id: string; at: number; draft: Draft }

// Enough to come back to; phones have little room.
const MostSent = 12;

const Key = 'draft';

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  return opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('imagic-studio', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('drafts');
      request.result.createObjectStore('sent', { keyPath: 'id' });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function store(name: 'drafts' | 'sent', mode: IDBTransactionMode): Promise<IDBObjectStore> {
  return (await open()).transaction(name, mode).objectStore(name);
}

/** Drafts in the browser's own storage. Where there is none (private windows of some browsers), a reload forgets them. */
export const drafts = {
  read: (): Promise<Draft | undefined> => forgiving(async () => done<Draft | undefined>((await store('drafts', 'readonly')).get(Key))),

  write: (draft: Draft): Promise<void> => forgiving(async () => { await done((await store('drafts', 'readwrite')).put(draft, Key)); }),

  /** The draft has become an edit. */
  accept: (id: string, draft: Draft): Promise<void> => forgiving(async () => {
    await done((await store('drafts', 'readwrite')).delete(Key));
    const sent = await store('sent', 'readwrite');
    await done(sent.put({ id, at: Date.now(), draft } satisfies Sent));
    const all = await done<Sent[]>(sent.getAll());
    for (const old of all.sort((a, b) => b.at - a.at).slice(MostSent)) sent.delete(old.id);
  }),

  sent: async (id: string): Promise<Draft | undefined> =>
    (await forgiving(async () => done<Sent | undefined>((await store('sent', 'readonly')).get(id))))?.draft,

  forget: (id: string): Promise<void> => forgiving(async () => { await done((await store('sent', 'readwrite')).delete(id)); }),
};

async function forgiving<T>(work: () => Promise<T>): Promise<T | undefined>;
async function forgiving(work: () => Promise<void>): Promise<void>;
async function forgiving<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    console.warn('The browser keeps no draft:', error);
    return undefined;
  }
}
