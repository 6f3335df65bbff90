import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/ApiError';
import { api } from '../api/client';
import { hasEnded, type EditSummary, type State } from '../api/types';
import { merged } from './filter';

const Page = 48;
const Again = 5_000;

/** The edits in a state, a page at a time; what moves is looked at again and again. */
export function useEdits(state: State | undefined) {
  const [edits, setEdits] = useState<EditSummary[]>();
  const [continuation, setContinuation] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const stop = useRef(new AbortController());
  const isBusy = useRef(false);

  const load = async (from: string | undefined, signal: AbortSignal) => {
    const page = await api.list({ state, limit: Page, continuation: from }, signal);
    setEdits(known => merged(known ?? [], page.edits, from === undefined));
    return page;
  };
  const guarded = async (work: () => Promise<void>) => {
    if (isBusy.current) return;
    isBusy.current = true;
    const { signal } = stop.current;
    try {
      await work();
      setProblem(undefined);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.detail);
    } finally {
      if (stop.current.signal === signal) isBusy.current = false;
    }
  };

  useEffect(() => {
    const now = stop.current = new AbortController();
    isBusy.current = false;
    setEdits(undefined);
    setContinuation(undefined);
    void guarded(async () => { setContinuation((await load(undefined, now.signal)).continuation); });
    return () => now.abort();
  }, [state]);

  const moves = edits?.some(edit => !hasEnded(edit.state)) ?? false;
  useEffect(() => {
    if (!moves) return;
    const timer = setInterval(() => {
      if (!document.hidden) void guarded(async () => { await load(undefined, stop.current.signal); });
    }, Again);
    return () => clearInterval(timer);
  }, [moves, state]);

  return {
    edits, problem, hasMore: continuation !== undefined,
    more: () => void guarded(async () => { setContinuation((await load(continuation, stop.current.signal)).continuation); }),
    drop: (id: string) => setEdits(known => known?.filter(edit => edit.editId !== id)),
  };
}
