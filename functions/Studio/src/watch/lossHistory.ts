import type { EditView, Stage } from '../api/types';
import { keep, recall } from '../shell/storage';

/** How far the model was from the picture at a step. */
export interface Loss { stage: Stage; step: number; loss: number }

// One per pixel of the line is enough.
const Most = 240;

const item = (id: string) => `imagic-loss-${id}`;

/** What this tab has heard of an edit, also before a reload. */
export function readLosses(id: string): Loss[] {
  const kept = recall('sessionStorage', item(id));
  return Array.isArray(kept) ? kept.filter((other): other is Loss => Number.isFinite(other?.step) && Number.isFinite(other?.loss)) : [];
}

export const keepLosses = (id: string, losses: Loss[]) => keep('sessionStorage', item(id), losses);

/** The losses with what a view tells; the same array when that is nothing new. */
export function withLoss(losses: Loss[], { progress }: EditView): Loss[] {
  if (progress?.loss === undefined || !Number.isFinite(progress.loss)) return losses;
  const { stage, step, loss } = progress;
  // After an interruption steps are made again.
  const kept = losses.filter(other => other.stage !== stage || other.step < step);
  if (kept.length === losses.length - 1 && losses.at(-1)?.stage === stage && losses.at(-1)?.step === step) return losses;
  return thinned([...kept, { stage, step, loss }]);
}

function thinned(losses: Loss[]): Loss[] {
  return losses.length <= Most ? losses : losses.filter((_, i) => i % 2 === 0 || i === losses.length - 1);
}

/** The line of one stage in a box, as the points of an SVG polyline. Single steps jump, so a running mean is drawn. */
export function pointsOf(losses: Loss[], stage: Stage, width: number, height: number): string {
  const own = losses.filter(other => other.stage === stage);
  if (own.length < 2) return '';
  const means: number[] = [];
  for (const { loss } of own) means.push(means.length === 0 ? loss : means.at(-1)! * 0.8 + loss * 0.2);
  const [first, last] = [own[0]!.step, own.at(-1)!.step];
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const y = (mean: number) => high === low ? height / 2 : height * (high - mean) / (high - low);
  return own.map(({ step }, i) => `${(width * (step - first) / Math.max(1, last - first)).toFixed(1)},${y(means[i]!).toFixed(1)}`).join(' ');
}
