import { ApiError } from '../api/ApiError';
import { api } from '../api/client';
import { pause } from '../api/http';
import type { ResultFile, Results } from '../api/types';
import { BlobCache } from './blobCache';
import { Queue } from './queue';

// Of all edits together: a resample shows the same source.
const cache = new BlobCache(256 << 20);
const queue = new Queue(6);

// Addresses are renewed before they end, as a request takes its time.
const Margin = 30_000;

/** The files of an edit's results. Addresses come with the list, all at once, and are renewed when they have expired. */
export class EditFiles {
  private list: Promise<Results> | null = null;

  constructor(readonly editId: string) {}

  /** The bytes of a file. */
  async blob(name: string, signal?: AbortSignal): Promise<Blob> {
    const { sha256 } = await this.find(name);
    for (;;) {
      try {
        return await cache.blob(sha256, () => queue.run(() => this.load(name), signal));
      } catch (error) {
        // Given up by somebody else who had asked for it first.
        if (signal?.aborted || !(error instanceof DOMException && error.name === 'AbortError')) throw error;
      }
    }
  }

  /** An address of a picture within this page. */
  async url(name: string, signal?: AbortSignal): Promise<string> {
    await this.blob(name, signal);
    return cache.url((await this.find(name)).sha256) ?? this.url(name, signal);
  }

  /** An address of a file for others, good for some minutes. */
  async address(name: string): Promise<string> {
    return (await this.find(name)).url;
  }

  private async find(name: string): Promise<ResultFile> {
    const file = (await this.results()).files.find(other => other.name === name);
    if (!file) throw new Error(`The edit has no file "${name}".`);
    return file;
  }

  /** All of them, with addresses that are still good. */
  async results(): Promise<Results> {
    const known = await (this.list ?? this.renew());
    return Date.parse(known.expires) - Margin > Date.now() ? known : this.renew(known);
  }

  // Whoever comes second finds what the first has asked for.
  private async renew(old?: Results): Promise<Results> {
    if (old && this.list && await this.list !== old) return this.list;
    const asked = api.results(this.editId);
    this.list = asked;
    asked.catch(() => { if (this.list === asked) this.list = null; });
    return asked;
  }

  private async load(name: string): Promise<Blob> {
    for (let attempt = 0; ; attempt++) {
      const list = await this.results();
      const file = list.files.find(other => other.name === name)!;
      const answer = await fetch(file.url, { referrerPolicy: 'no-referrer', credentials: 'omit' }).catch(() => null);
      if (answer?.ok) return new Blob([await answer.blob()], { type: typeOf(name) });
      if (attempt >= 3) throw new ApiError('file-not-loaded', `"${name}" could not be loaded (${answer?.status ?? 'no connection'}). Check the connection and try again.`, answer?.status ?? 0);
      // A clock that is off makes an address end early.
      if (answer?.status === 403) await this.renew(list);
      else await pause(2 ** attempt);
    }
  }
}

// Never what storage says: the page gives it an address of its own.
const typeOf = (name: string) => name.endsWith('.png') ? 'image/png' : 'application/octet-stream';
