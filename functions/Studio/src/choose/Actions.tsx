import { useState } from 'preact/hooks';
import { wordsOf } from '../api/ApiError';
import { go } from '../shell/route';
import { overridesOf, sourceFileOf } from '../api/overrides';
import { change, sending, useAsSource } from '../start/draft';
import type { Purpose } from './Again';
import { describe } from './cells';
import type { ChooseState } from './chooseState';
import { save } from './download';
import { fileNameOf, ResultNames } from '../pictures/names';

/** What can be done with the picture that is shown. */
export function Actions({ state, onAgain }: { state: ChooseState; onAgain: (purpose: Purpose) => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const cell = state.cell.value;
  const isStarred = state.stars.has(cell);

  async function tell(work: Promise<void>) {
    setProblem(null);
    await work.catch((error: unknown) => setProblem(wordsOf(error)));
  }

  return (
    <div class="actions">
      <div class="row">
        <button
          type="button" class={`button star ${isStarred ? 'starred' : ''}`} aria-pressed={isStarred} aria-label="Star this picture" title="Star (S)"
          onClick={() => toggleStar(state)}
        ><span aria-hidden="true">{isStarred ? '★' : '☆'}</span></button>
        <button type="button" class="button primary grows" disabled={cell.withheld} title="The file has its settings inside (D)" onClick={() => tell(saveShown(state))}>Download</button>
      </div>
      {problem && <p class="problem" role="alert">{problem}</p>}
      <div class="row">
        <button type="button" class="button grows" title="More versions or strengths, without learning anew" onClick={() => onAgain('more')}>More pictures</button>
        <button type="button" class="button grows" title="The same picture with another sentence, without learning anew" onClick={() => onAgain('sentence')}>Another sentence</button>
        {state.view.settings.sample.method && <button type="button" class="button grows" title="The same photo and sentence, and more of the photo stays: takes longer" onClick={() => tell(learn(state))}>Learn the photo</button>}
        <button type="button" class="button grows" disabled={cell.withheld} title="Begin another edit with this picture" onClick={() => tell(useShown(state))}>Use as next source</button>
      </div>
    </div>
  );
}

export function toggleStar(state: ChooseState): void {
  const isStarred = state.stars.toggle(state.place.value);
  state.said.value = `${describe(state.place.value, state.cells)} ${isStarred ? 'starred' : 'no longer starred'}`;
}

/** The file that is shown, with its settings inside. */
export async function saveShown(state: ChooseState): Promise<void> {
  if (state.cell.value.withheld) return;
  const { blob, name } = await shown(state);
  save(blob, name);
  state.said.value = `Downloaded ${name}`;
}

async function useShown(state: ChooseState): Promise<void> {
  const { blob, name } = await shown(state);
  useAsSource(new File([blob], name, { type: 'image/png' }));
  go({ screen: 'start' });
}

// After a quick look; the recipe says the rest.
async function learn({ files, view }: ChooseState): Promise<void> {
  if (sending.value) throw new Error('Another edit is being sent. Wait for that one, then try again.');
  const photo = new File([await files.blob(ResultNames.source)], sourceFileOf(view), { type: 'image/png' });
  const { seeds, negativeText } = overridesOf(view);
  change({ targetText: view.settings.targetText, model: view.model, settings: { search: {}, ...(seeds && { seeds }), ...(negativeText && { negativeText }) } }, 'size');
  useAsSource(photo);
  go({ screen: 'start' });
}

// Of the picture at the time of the press, whatever is shown when it has come.
async function shown({ cell: { value: cell }, cells, files, view }: ChooseState): Promise<{ blob: Blob; name: string }> {
  return { name: fileNameOf(view.settings.targetText, cell, cells.blend.length), blob: await files.blob(cell.name) };
}
