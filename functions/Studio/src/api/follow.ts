import { ApiError } from './ApiError';
import { EventReader } from './eventReader';
import { json, pause, send } from './http';
import { hasEnded, type EditView } from './types';

// Heart-beats come every 15 s: two that are missing are a connection that nobody has closed.
const Silence = 40_000;

// As the service's "retry" says.
const Reconnect = 2;

/** How often a page that nobody looks at asks. */
const HiddenPoll = 15;

/**
 * Tells of an edit as it changes, until it has ended or is gone: by events, by asking while nobody looks or where too
 * many wait already. What breaks off goes on by itself. The path is the edit's own.
 */
export async function* follow(path: string, lastSequence: number | undefined, signal: AbortSignal): AsyncGenerator<EditView | 'gone'> {
  let last = lastSequence;
  let byAsking = 0;
  for (;;) {
    const way = document.hidden || byAsking > 0 ? ask(path, signal, () => document.hidden || byAsking-- > 0) : listen(path, last, signal);
    try {
      for await (const view of way) {
        if (view !== 'gone' && last !== undefined && view.sequence <= last && !hasEnded(view.state)) continue;
        yield view;
        if (view === 'gone' || hasEnded(view.state)) return;
        last = view.sequence;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) await pause(Reconnect, signal).catch(() => {});
      else if (error.status === 404) { yield 'gone'; return; }
      else if (error.code === 'too-many-waits') byAsking = 6;
      else throw error;
    }

    if (signal.aborted) return;
  }
}

async function* listen(path: string, last: number | undefined, signal: AbortSignal): AsyncGenerator<EditView | 'gone'> {
  const stop = new AbortController();
  const end = () => stop.abort();
  const hide = () => { if (document.hidden) end(); };
  let silence = setTimeout(end, Silence);
  signal.addEventListener('abort', end);
  document.addEventListener('visibilitychange', hide);
  try {
    const headers: Record<string, string> = { accept: 'text/event-stream', ...(last !== undefined && { 'last-event-id': `${last}` }) };
    const answer = await send(`${path}/events`, { headers, signal: stop.signal, tries: 1 });
    // Nothing comes any more; how it ended, the edit itself tells.
    if (answer.status === 204) { yield await json<EditView>(path, { signal }); return; }
    const reader = answer.body!.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    const events = new EventReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      clearTimeout(silence);
      silence = setTimeout(end, Silence);
      for (const event of events.read(value)) {
        if (event.type === 'gone') { yield 'gone'; return; }
        if (event.type === 'edit') yield JSON.parse(event.data) as EditView;
      }
    }
  } catch (error) {
    // Ended here: somebody went to another page, or nothing was heard.
    if (!stop.signal.aborted || signal.aborted) throw error;
    return;
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', end);
    document.removeEventListener('visibilitychange', hide);
    end();
  }

  await pause(Reconnect, signal);
}

async function* ask(path: string, signal: AbortSignal, goesOn: () => boolean): AsyncGenerator<EditView> {
  for (let tag: string | null = null; goesOn();) {
    const answer = await send(path, { signal, headers: tag ? { 'if-none-match': tag } : {} });
    if (answer.status !== 304) {
      tag = answer.headers.get('etag');
      yield await answer.json() as EditView;
    }

    await whileHidden(document.hidden ? HiddenPoll : Math.max(Number(answer.headers.get('retry-after')) || 0, 2), signal);
  }
}

/** Waits, but not longer than nobody looks. */
async function whileHidden(seconds: number, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const look = () => { if (!document.hidden) stop.abort(); };
  document.addEventListener('visibilitychange', look);
  try {
    await pause(seconds, AbortSignal.any([stop.signal, signal]));
  } catch {
    signal.throwIfAborted();
  } finally {
    document.removeEventListener('visibilitychange', look);
  }
}
