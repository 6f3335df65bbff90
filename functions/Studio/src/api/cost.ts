import type { Sampling, Stage } from './types';

/** Which pictures are made. */
export type Asked = Pick<Sampling, 'method' | 'seeds' | 'etas' | 'blends' | 'search'>;

type Learning = { steps: number; batch: number };
type Painting = { steps: number; guidance: number };

/** Of settings what costs. */
export interface Work {
  optimize: Learning;
  fineTune: Learning;
  sample: Asked & Painting;
  superResolution?: Painting & { fineTune: Learning };
}

/** As StrengthSearch has them. */
export const DefaultSearch = { renders: 8, steps: 8 };

// Of a search, as StrengthSearch has it: pictures that are kept of a version, looks at each draft of two passes each.
const [Kept, Looks] = [5, 3];

const rowsOf = ({ seeds, blends }: Asked) => new Set(seeds).size * new Set(blends).size;

/** Strength 0 is always rendered; what a search finds is counted at most. */
export const picturesOf = (asked: Asked) => asked.search ? 1 + rowsOf(asked) * Kept : rowsOf(asked) * new Set([0, ...asked.etas]).size;

// A step back takes about twice the time of one forward.
const PassesPerTraining = 3;

/** Passes of the model for each stage at the model's own size, counted as the service does (EditCost). */
export function passesOf({ optimize, fineTune, sample, superResolution: large }: Work): Record<Stage, number> {
  const learning = (work?: Learning) => work ? PassesPerTraining * work.steps * work.batch : 0;
  const painting = (work?: Painting) => work ? work.steps * (work.guidance === 1 ? 1 : 2) : 0;
  const { search } = sample;
  const inFull = search && !large ? 1 + new Set(sample.seeds).size : picturesOf(sample);
  const drafts = search ? (1 + rowsOf(sample) * search.renders) * (painting({ ...sample, steps: search.steps }) + 2 * Looks) : 0;
  return {
    'optimize': learning(optimize),
    'finetune': learning(fineTune),
    'finetune-sr': learning(large?.fineTune),
    'sample': (sample.method ? untuned(sample) : inFull * painting(sample)) + inFull * painting(large) + drafts,
  };
}

// As Math.Round of .NET has it.
const halfToEven = (value: number) => Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);

// SDEdit leaves steps out; DDIB goes there and back, there without guidance.
function untuned(sample: Asked & Painting): number {
  const each = sample.guidance === 1 ? 1 : 2;
  if (sample.method === 'ddib') return sample.steps + picturesOf(sample) * sample.steps * each;
  const steps = [...new Set([0, ...sample.etas])].map(eta => Math.min(sample.steps, Math.max(1, halfToEven(eta * sample.steps))));
  return rowsOf(sample) * steps.reduce((sum, count) => sum + count * each, 0);
}

/** Of an edit from the start. */
export const allPassesOf = (work: Work) => Object.values(passesOf(work)).reduce((sum, passes) => sum + passes, 0);
