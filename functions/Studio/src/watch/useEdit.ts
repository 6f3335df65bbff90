import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/ApiError';
import { api } from '../api/client';
import type { EditView } from '../api/types';
import { forget, heard, running } from '../shell/running';
import { learnSpeed } from '../start/speed';

export type Told = EditView | 'gone' | 'loading' | ApiError;

/** An edit as it changes, for as long as a screen shows it. */
export function useEdit(id: string): Told {
  const [told, setTold] = useState<Told>(() => running.value.find(other => other.id === id)?.view ?? 'loading');
  useEffect(() => {
    const stop = new AbortController();
    void (async () => {
      try {
        for await (const view of api.events(id, undefined, stop.signal)) {
          setTold(view);
          if (view === 'gone') forget(id);
          else {
            heard(view, true);
            learnSpeed(view);
          }
        }
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setTold(error);
      }
    })();
    return () => stop.abort();
  }, [id]);
  return told;
}
