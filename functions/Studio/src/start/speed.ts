import { keep, recall } from '../shell/storage';
import type { EditView } from '../api/types';
import { secondsSpent } from '../watch/progress';

const Item = 'imagic-speed';

type Speeds = Record<string, number>;

/** What one pass of a model took in the newest edit of it that was seen here, in seconds; undefined while none was. */
export function secondsPerPass(model: string): number | undefined {
  const seconds = all()[model];
  return typeof seconds === 'number' && seconds > 0 ? seconds : undefined;
}

/** Learns the speed of a model from an edit that is done. */
export function learnSpeed(view: EditView): void {
  const used = view.cost?.used ?? 0;
  const seconds = secondsSpent(view);
  if (view.state !== 'succeeded' || used <= 0 || seconds <= 0) return;
  keep('localStorage', Item, { ...all(), [view.model]: seconds / used });
}

const all = () => (recall('localStorage', Item) ?? {}) as Speeds;
