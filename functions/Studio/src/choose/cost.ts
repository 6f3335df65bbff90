import { allPassesOf, passesOf, picturesOf, type Asked } from '../api/cost';
import type { EditView } from '../api/types';

/** What more pictures of a tuning would cost. */
export interface Cost { pictures: number; passes: number; seconds?: number }

/** Counts from what this edit's own pictures took. */
export function costOf({ settings, cost, stages, from }: Pick<EditView, 'settings' | 'cost' | 'stages' | 'from'>, asked: Asked): Cost {
  const { sample } = passesOf(settings);
  const counted = from ? sample : allPassesOf(settings);
  // Larger working sizes count in proportion; the view tells it by its own cost only.
  const area = cost && counted > 0 ? cost.used / counted : 1;
  const seconds = stages.find(stage => stage.stage === 'sample')?.seconds;
  const pictures = picturesOf(asked);
  const share = pictures / picturesOf(settings.sample);
  return { pictures, passes: Math.round(sample * share * area), ...(seconds && { seconds: seconds * share }) };
}

/** Versions that this edit does not have yet. */
export function newSeeds(seeds: readonly number[], count: number): number[] {
  const from = Math.max(0, ...seeds.filter(seed => seed < 1e6)) + 1;
  return Array.from({ length: count }, (_, i) => from + i);
}

/** Strengths between the chosen one and its neighbours, in quarters. */
export function finer(etas: readonly number[], eta: number): number[] {
  const sorted = [...new Set([0, ...etas])].sort((a, b) => a - b);
  const at = sorted.indexOf(eta);
  const [below, above] = [sorted[at - 1], sorted[at + 1]];
  const last = below === undefined ? 0.2 : eta - below;
  const between = (from: number, to: number) => [0.25, 0.5, 0.75].map(share => from + share * (to - from));
  const all = [...(below === undefined ? [] : between(below, eta)), ...(between(eta, above ?? eta + last))];
  return [...new Set(all.map(value => Math.round(value * 100) / 100))].filter(value => !sorted.includes(value));
}

/** "0.6, 0.8" as strengths; null where something is none that the service takes, or there is none at all. */
export function strengthsIn(text: string, most = 3): number[] | null {
  const parts = text.split(/[\s,;]+/).filter(part => part !== '');
  const values = parts.map(Number);
  return values.length > 0 && values.every(value => Number.isFinite(value) && value >= -1 && value <= most) ? [...new Set(values)] : null;
}
