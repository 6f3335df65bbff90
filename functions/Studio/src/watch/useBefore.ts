import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/client';
import type { EditView } from '../api/types';
import { isHidden } from '../shell/hidden';

// A page of what waits; where more do, the number helps nobody.
const Most = 50;
const Again = 15_000;

/** How many edits that were asked for earlier wait, too; null where that is not known, or too many to count. */
export function useBefore({ editId, created, state }: EditView): number | null {
  const [before, setBefore] = useState<number | null>(null);
  const isWaiting = state === 'queued' && !isHidden.value;
  useEffect(() => {
    if (!isWaiting) return;
    const stop = new AbortController();
    const look = () => void api.list({ state: 'queued', limit: Most }, stop.signal).then(
      ({ edits, continuation }) => setBefore(continuation ? null : edits.filter(edit => edit.editId !== editId && Date.parse(edit.created) < Date.parse(created)).length), () => {});
    look();
    const timer = setInterval(look, Again);
    return () => { stop.abort(); clearInterval(timer); };
  }, [editId, isWaiting]);
  return before;
}
