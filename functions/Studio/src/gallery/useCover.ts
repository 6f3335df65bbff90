import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/ApiError';
import { api } from '../api/client';
import type { EditSummary } from '../api/types';
import { ResultNames } from '../pictures/names';
import { Queue } from '../pictures/queue';

// Addresses are asked for again before they end; that there is none, is asked for again after a while.
const Margin = 30_000;
const NothingFor = 8 * 60_000;

// A browser opens six connections to one host; the others are for what people do meanwhile.
const queue = new Queue(3);

const known = new Map<string, { url: string | null; until: number }>();

/** An address of the picture that shows an edit best; null when there is none. */
export function useCover({ editId, state, progress }: EditSummary, isSeen: boolean): string | null {
  const [url, setUrl] = useState<string | null>(null);
  const name = state === 'succeeded' ? ResultNames.suggested : progress?.preview;
  useEffect(() => {
    let isOld = false;
    if (isSeen && name) void addressOf(editId, name).then(told => { if (!isOld) setUrl(told); }, () => {});
    return () => { isOld = true; };
  }, [editId, name, isSeen]);
  return url;
}

async function addressOf(id: string, name: string): Promise<string | null> {
  const key = `${id}/${name}`;
  const before = known.get(key);
  if (before && before.until > Date.now()) return before.url;
  const told = await queue.run(() => api.link(id, name)).then(({ url, expires }) => ({ url, until: Date.parse(expires) - Margin }), (error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    // Withheld, or deleted meanwhile.
    return { url: null, until: Date.now() + NothingFor };
  });
  known.set(key, told);
  return told.url;
}
