import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/ApiError';
import { api } from '../api/client';
import type { BatchSummary } from '../api/types';
import { hrefOf } from '../shell/route';
import { age, count } from '../shell/words';
import { useSeen } from './useSeen';

export function Batches() {
  const [batches, setBatches] = useState<BatchSummary[]>();
  const [continuation, setContinuation] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const { element, isSeen } = useSeen<HTMLDivElement>();
  const load = (from: string | undefined, signal: AbortSignal) => void api.batches(from, signal).then(page => {
    setBatches(known => [...known ?? [], ...page.batches]);
    setContinuation(page.continuation);
  }, (error: unknown) => { if (error instanceof ApiError) setProblem(error.detail); });
  useEffect(() => { const stop = new AbortController(); load(undefined, stop.signal); return () => stop.abort(); }, []);
  useEffect(() => {
    if (!isSeen || continuation === undefined) return;
    const stop = new AbortController();
    load(continuation, stop.signal);
    return () => stop.abort();
  }, [isSeen, continuation]);
  return (
    <>
      {problem && <p class="problem" role="alert">{problem}</p>}
      <ul class="batches">
        {batches?.map(batch => (
          <li key={batch.name}>
            <a href={hrefOf({ screen: 'batches', name: batch.name })}>
              <strong>{batch.name}</strong>
              <span class="soft small">
                {count(batch.lines)} {batch.lines === 1 ? 'line' : 'lines'}{batch.refused > 0 && <span class="problem">, {batch.refused} refused</span>} · {batch.ended ? 'done' : 'working'} · <time dateTime={batch.created}>{age(batch.created)}</time>
              </span>
            </a>
          </li>
        ))}
      </ul>
      <div ref={element} class="grid-end">
        {!batches && !problem && <p class="soft" role="status">Looking…</p>}
        {batches?.length === 0 && (
          <div class="nothing"><p>No batches yet.</p><p class="soft small">A list of pictures and sentences (CSV or JSON Lines) that is dropped into the storage account becomes one.</p></div>
        )}
      </div>
    </>
  );
}
