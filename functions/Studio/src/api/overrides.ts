import type { Descent, DescentOverrides, EditView, Overrides } from './types';

/** What an edit was asked for, over its profile, as a start takes it. Says every number, so that a changed profile changes nothing. */
export function overridesOf({ settings }: Pick<EditView, 'settings'>): Overrides {
  const { sample, superResolution: large } = settings;
  return {
    profile: settings.profile,
    ...(settings.negativeText && { negativeText: settings.negativeText }),
    seed: settings.seed,
    latent: settings.latent,
    ...(sample.method ? { method: sample.method } : { optimize: descent(settings.optimize), fineTune: descent(settings.fineTune) }),
    ...(large && { superResolution: { ...large, fineTune: descent(large.fineTune) } }),
    ...samplingOf(settings.sample),
    sampleBatch: sample.batch,
  };
}

/** The part of it that a tuning can be sampled with again. */
export function samplingOf({ seeds, etas, search, blends, guidance, steps, scheduler }: EditView['settings']['sample']): Overrides {
  return { seeds, etas, ...(search && { search }), blends, guidance, steps, scheduler };
}

function descent({ earlyStop, ...rest }: Descent): DescentOverrides {
  return { ...rest, ...(earlyStop && { earlyStop: earlyStop.minImprovement }) };
}

/** What the source is called on its owner's disk: uploads have folders before it. */
export const sourceFileOf = ({ source }: Pick<EditView, 'source'>) => source.name.split('/').at(-1)!;
