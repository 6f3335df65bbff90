import { passesOf } from '../api/cost';
import type { EditView, Progress, Stage } from '../api/types';

export interface StageLine {
  stage: Stage;
  name: string;
  state: 'done' | 'now' | 'to come';
  /** 0 to 1 of this stage. */
  share: number;
  /** "step 30 of 80". */
  words: string;
}

export const StageNames: Record<Stage, string> = {
  'optimize': 'Understand the picture',
  'finetune': 'Learn the picture',
  'finetune-sr': 'Learn the details',
  'sample': 'Make the versions',
};

/** The stages of an edit, in order, each with how far it is. */
export function linesOf(view: EditView): StageLine[] {
  const shown = new Map([view.progress, view.beside].flatMap(progress => progress ? [[progress.stage, progress] as const] : []));
  return stagesOf(view).map(stage => {
    const status = view.stages.find(other => other.stage === stage);
    const progress = shown.get(stage);
    if (view.state === 'succeeded' || status?.done) return { stage, name: StageNames[stage], state: 'done', share: 1, words: '' };
    const isNow = view.state === 'running' && (stage === view.stage || progress !== undefined);
    const share = progress && progress.steps > 0 ? Math.min(1, progress.step / progress.steps) : 0;
    const words = progress ? `step ${progress.step} of ${progress.steps}` : '';
    return { stage, name: StageNames[stage], state: isNow ? 'now' : 'to come', share, words };
  });
}

/** How much of the whole work is done, 0 to 1: stages count by what they compute. */
export function shareOf(view: EditView): number {
  const passes = passesOf(view.settings);
  let [all, done] = [0, 0];
  for (const { stage, share } of linesOf(view)) {
    all += passes[stage];
    done += passes[stage] * share;
  }

  return all === 0 ? 0 : done / all;
}

/** Seconds until the end at the speed of now; null while nobody knows. */
export function secondsLeft(view: EditView): number | null {
  const now = view.progress;
  if (view.state !== 'running' || !now?.stepsPerSecond || now.stepsPerSecond <= 0) return null;
  const passes = passesOf(view.settings);
  // What one pass takes, of the stage that runs, holds for those to come.
  const secondsPerPass = now.steps / now.stepsPerSecond / Math.max(1, passes[now.stage]);
  const rest = now.secondsLeft ?? (now.steps - now.step) / now.stepsPerSecond;
  return linesOf(view).filter(line => line.state !== 'done' && line.stage !== now.stage)
    .reduce((sum, line) => sum + passes[line.stage] * (1 - line.share) * secondsPerPass, rest);
}

/** Seconds of computing so far, over all stages. */
export function secondsSpent(view: EditView): number {
  const told = view.stages.reduce((sum, stage) => sum + stage.seconds, 0);
  return told + [view.progress, view.beside].reduce((sum, now) => sum + sinceCheckpoint(view, now), 0);
}

// What a stage has cost is told with its checkpoints.
function sinceCheckpoint(view: EditView, now: Progress | undefined): number {
  if (!now?.stepsPerSecond) return 0;
  const status = view.stages.find(other => other.stage === now.stage);
  return status?.done ? 0 : Math.max(0, now.step - (status?.step ?? 0)) / now.stepsPerSecond;
}

function stagesOf(view: EditView): Stage[] {
  if (view.from !== undefined || view.settings.sample.method) return ['sample'];
  return view.settings.superResolution ? ['optimize', 'finetune', 'finetune-sr', 'sample'] : ['optimize', 'finetune', 'sample'];
}
