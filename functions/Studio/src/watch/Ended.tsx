import { overridesOf } from '../api/overrides';
import type { EditView } from '../api/types';
import { hrefOf } from '../shell/route';
import { tryAgain } from '../start/draft';
import { StageNames } from './progress';
import { useSource } from './useSource';

function nextWords({ from, state, settings }: EditView): string {
  if (from !== undefined) return settings.sample.method ? 'Nothing of it is kept. The pictures that you had are: ask there for more.' : 'Nothing of it is kept. What was learnt of your photo is, with the pictures that you had: ask there for more.';
  return state === 'failed'
    ? 'Your photo, the sentence and the settings go into the form again: change what was wrong and start anew.'
    : `${settings.sample.method ? '' : 'Nothing that was learnt is kept. '}Your photo, the sentence and the settings go into the form again, as they were or to be changed.`;
}

/** An edit that has no pictures. */
export function Ended({ view }: { view: EditView }) {
  const photo = useSource(view.editId, view.from);
  const isFailed = view.state === 'failed';
  const again = () => void tryAgain(view.editId, {
    targetText: view.settings.targetText, model: view.model, source: view.source.name, settings: overridesOf(view),
  });
  return (
    <section class="ended">
      <h1>{isFailed ? 'This edit did not work out' : 'This edit was cancelled'}</h1>
      {photo && <img src={photo} alt="Your photo" />}
      <p class="ended-text">“{view.settings.targetText}”</p>
      {view.error && <p class="problem" role="alert">{view.error.message}</p>}
      <p class="soft">{nextWords(view)}</p>
      <div class="row">
        {view.from === undefined && <button class="button primary" onClick={again}>{isFailed ? 'Try again' : 'Edit the photo again'}</button>}
        {view.from !== undefined && <a class="button primary" href={hrefOf({ screen: 'edit', id: view.from })}>To the edit it came from</a>}
        <a class="button" href={hrefOf({ screen: 'gallery' })}>Gallery</a>
      </div>
      {view.error && <p class="soft small">{view.error.code}{view.error.stage && `, while: ${StageNames[view.error.stage]}`}</p>}
    </section>
  );
}
