import { useEffect, useState } from 'preact/hooks';
import { wordsOf } from '../api/ApiError';
import type { EditFiles } from './EditFiles';

export interface Loaded { name: string; url: string; width: number; height: number }

export interface PictureState {
  /** The last picture that could be shown: it stays until the next one is decoded. */
  loaded: Loaded | null;
  error: string | null;
  retry(): void;
}

const decoded = new WeakMap<EditFiles, Map<string, Promise<Loaded>>>();

/** A picture ready to be shown without a flash. */
export function usePicture(files: EditFiles, name: string | null): PictureState {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    setError(null);
    if (name === null) return undefined;
    let isCurrent = true;
    decode(files, name).then(
      picture => { if (isCurrent) setLoaded(picture); },
      (problem: unknown) => { if (isCurrent) setError(wordsOf(problem)); });
    return () => { isCurrent = false; };
  }, [files, name, tries]);
  return { loaded, error, retry: () => setTries(tries + 1) };
}

/** Loads and decodes a picture that may be looked at next; whether it can be, does not matter yet. */
export function preload(files: EditFiles, name: string): void {
  void decode(files, name).catch(() => {});
}

function decode(files: EditFiles, name: string): Promise<Loaded> {
  const known = decoded.get(files) ?? new Map<string, Promise<Loaded>>();
  decoded.set(files, known);
  return load();

  async function load(): Promise<Loaded> {
    const url = await files.url(name);
    const before = await known.get(name)?.catch(() => null);
    // What has made room in the cache has another address when it comes again.
    if (before?.url === url) return before;
    const image = new Image();
    image.src = url;
    const started = image.decode().then(() => ({ name, url, width: image.naturalWidth, height: image.naturalHeight }));
    known.set(name, started);
    return started;
  }
}
