import { useEffect, useRef, useState } from 'preact/hooks';
import type { EditFiles } from './EditFiles';
import { onSeen } from './seen';
import { thumbnail, type Small } from './thumbnails';
import './pictures.css';

interface Props {
  files: EditFiles;
  name: string;
  /** CSS pixels of the longer side. */
  side: number;
}

/** A small picture that is loaded when it is about to be seen. Says nothing by itself: the control around it does. */
export function Thumbnail({ files, name, side }: Props) {
  const frame = useRef<HTMLSpanElement>(null);
  const [small, setSmall] = useState<Small | 'lost' | null>(null);
  useEffect(() => {
    let running: AbortController | null = null;
    const stop = onSeen(frame.current!, isNear => {
      if (isNear && !running) {
        running = new AbortController();
        void load(running.signal);
      } else if (!isNear) {
        running?.abort();
        running = null;
      }
    });
    return () => {
      stop();
      running?.abort();
    };
  }, [files, name, side]);
  return (
    <span ref={frame} class={`thumbnail ${small === 'lost' ? 'lost' : small ? 'shown' : ''}`}>
      {small && small !== 'lost' && <img class={small.isCrisp ? 'crisp' : ''} src={small.url} alt="" decoding="async" draggable={false} />}
    </span>
  );

  async function load(signal: AbortSignal): Promise<void> {
    try {
      const loaded = await thumbnail(files, name, Math.ceil(side * Math.min(devicePixelRatio, 2)), signal);
      if (!signal.aborted) setSmall(loaded);
    } catch {
      if (!signal.aborted) setSmall('lost');
    }
  }
}
