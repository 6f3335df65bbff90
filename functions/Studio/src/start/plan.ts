import { allPassesOf, DefaultSearch, picturesOf, type Asked, type Work } from '../api/cost';
import type { Method, Models, Overrides, Profile, Settings, Size } from '../api/types';
import type { Draft } from './drafts';

/** What a draft means with a profile's numbers under it. */
export interface Plan {
  model: string;
  /** What that knows, where it is not everything. */
  about?: string;
  /** Pixels of the square that the model was trained on. */
  side: number;
  /** Working size that is asked for; else the model's own. */
  size?: Size;
  profile: Profile;
  /** Where nothing is learnt. */
  method?: Method;
  seeds: number[];
  /** Without 0, which is always rendered. */
  etas: number[];
  /** Strengths are found for each version. */
  search?: { renders: number; steps: number };
  blends: number[];
  pictures: number;
  /** Passes of the model, as the service counts them. */
  passes: number;
  allowed?: number;
}

/** Sentences that suit photographs, where a model names none. */
export const GeneralExamples = ['a photo of a sitting dog', 'a photo of a person with arms crossed', 'a photo of a bird spreading its wings'];

/** Strengths that are offered beside those of the profile. */
const Offered = [0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4];

export function planOf({ models, profiles, limits }: Models, { model, settings, size }: Pick<Draft, 'model' | 'settings' | 'size'>): Plan | null {
  const chosen = models.find(other => other.name === model) ?? models.find(other => other.isDefault) ?? models[0];
  if (!chosen) return null;
  const profile = profiles.find(other => other.name === (settings.profile ?? chosen.profile)) ?? profiles[0];
  if (!profile) return null;
  const work = workOf(profile.settings, settings);
  const { side } = chosen;
  return {
    model: chosen.name, side, profile, ...asked(work.sample), pictures: picturesOf(work.sample),
    passes: allPassesOf(work) * (size ? size.width * size.height / side ** 2 : 1),
    ...(chosen.about && { about: chosen.about }), ...(size && { size }), ...(limits.passes !== undefined && { allowed: limits.passes }),
  };
}

const asked = ({ method, seeds, etas, search, blends }: Asked): Asked => ({ ...(method && { method }), seeds, etas, ...(search && { search }), blends });

/** Strengths of methods that learn nothing, where none are named, as EditMethods has them. */
const Untuned: Partial<Record<Method, number[]>> = { sdedit: [0.5, 0.6, 0.7, 0.8, 0.9], ddib: [0.6, 0.8, 1] };

/** An edit's settings as a quick look: without what only learning has. */
export function quick({ optimize, fineTune, search, etas, blends, scheduler, ...rest }: Overrides): Overrides {
  return { ...rest, method: 'sdedit' };
}

/** And as an edit that learns again. */
export function thorough({ method, etas, blends, ...rest }: Overrides): Overrides {
  return { ...rest, search: {} };
}

// As EditOverrides puts them over a profile's numbers, as far as they cost.
function workOf({ optimize, fineTune, sample, suggested, superResolution: large }: Settings, over: Overrides): Work {
  const untuned = over.method && Untuned[over.method];
  const nothing = untuned && { steps: 0 };
  return {
    optimize: { ...optimize, ...over.optimize, ...nothing },
    fineTune: { ...fineTune, ...over.fineTune, ...nothing },
    sample: {
      ...(untuned && { method: over.method }),
      seeds: over.seeds ?? (over.method === 'ddib' ? sample.seeds.slice(0, 1) : sample.seeds), etas: over.etas ?? untuned ?? sample.etas,
      ...(over.search && { search: { ...DefaultSearch, ...over.search } }), blends: untuned ? [0] : over.blends ?? (over.search ? [suggested.blend] : sample.blends),
      steps: over.steps ?? sample.steps, guidance: over.guidance ?? sample.guidance,
    },
    ...(large && {
      superResolution: {
        steps: over.superResolution?.steps ?? large.steps, guidance: over.superResolution?.guidance ?? large.guidance,
        // The batch of the first model is taken for both.
        fineTune: { ...large.fineTune, ...(over.fineTune?.batch && { batch: over.fineTune.batch }), ...over.superResolution?.fineTune },
      },
    }),
  };
}

/** All strengths to choose from, in order. */
export function strengthsOf(plan: Plan): number[] {
  const all = plan.method === 'sdedit' ? [...Offered.filter(eta => eta <= 1), ...Untuned.sdedit!] : [...Offered, ...plan.profile.settings.sample.etas];
  return [...new Set([...all, ...plan.etas])].filter(eta => eta !== 0).sort((a, b) => a - b);
}

/** Seeds 1 to n, keeping those that somebody brought along. */
export function seedsFor(count: number, now: number[]): number[] {
  const seeds = now.slice(0, count);
  for (let seed = 1; seeds.length < count; seed++) if (!seeds.includes(seed)) seeds.push(seed);
  return seeds;
}

/** Without what says nothing, so that the profile's stays. */
export function trimmed(settings: Overrides): Overrides {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined && value !== '')) as Overrides;
}

/** The numbers of a draft that the form does not show, in words; none where the recipe's are taken. */
export function unseen(settings: Overrides): string[] {
  const { optimize, fineTune, guidance, steps, scheduler } = settings;
  return [
    ...(optimize?.steps !== undefined || fineTune?.steps !== undefined ? [`${(optimize?.steps ?? 0) + (fineTune?.steps ?? 0)} steps of learning`] : []),
    ...(steps !== undefined ? [`${steps} steps of painting`] : []),
    ...(guidance !== undefined ? [`guidance ${guidance}`] : []),
    ...(scheduler !== undefined ? [scheduler] : []),
  ];
}

/** Without the numbers of a recipe: what is usual in one is wild in another. */
export function withoutRecipe({ method, search, negativeText, seeds, seed }: Overrides): Overrides {
  return { ...(method && { method }), ...(search && { search: {} }), ...(negativeText !== undefined && { negativeText }), ...(seeds && { seeds }), ...(seed !== undefined && { seed }) };
}

/** What is wrong with a plan, before anything is sent. */
export function problemOf(plan: Plan, limits: Models['limits']): string | null {
  if (plan.etas.length === 0 && !plan.search) return 'Choose at least one strength.';
  if (plan.method && plan.profile.settings.superResolution) return 'This recipe has no quick look. Learn the photo, or take another recipe.';
  if (plan.pictures > limits.pictures) return `These are ${plan.pictures} pictures, and ${limits.pictures} are the most. Choose fewer versions or strengths.`;
  if (plan.allowed !== undefined && plan.passes > plan.allowed) return 'This is more work than one edit may take here. Choose fewer versions or strengths.';
  return null;
}

// As the service sees it: what shows nothing is no sentence.
const Blank = /^[\s\p{Cf}\u115f\u1160\u2800\u3164\uffa0]*$/u;

export function textProblem(text: string, most: number): string | null {
  if (Blank.test(text)) return 'Say in a few words what the photo should show.';
  return text.length > most ? `This has ${text.length} characters, and ${most} are the most.` : null;
}
