import { useEffect } from 'preact/hooks';
import { ApiError } from '../api/ApiError';
import { Choose } from '../choose/Choose';
import { hrefOf } from '../shell/route';
import { capital, StateWords } from '../shell/words';
import { Ended } from './Ended';
import { shareOf } from './progress';
import { useEdit } from './useEdit';
import { Watch } from './Watch';
import './watch.css';

/** One edit, however far it is. */
export function Edit({ id }: { id: string }) {
  const told = useEdit(id);
  useEffect(() => { document.title = `${titleOf(told)} · Imagic Studio`; }, [told]);
  if (told === 'loading') return <p class="soft loading" role="status">Looking for the edit…</p>;
  if (told === 'gone' || told instanceof ApiError) {
    return (
      <div class="ended">
        <h1>{told === 'gone' || told.status === 404 ? 'This edit is gone' : 'This edit cannot be shown'}</h1>
        <p class="soft">{told === 'gone' ? 'It was deleted, or never started.' : told.detail}</p>
        <div class="row"><a class="button primary" href={hrefOf({ screen: 'start' })}>New edit</a><a class="button" href={hrefOf({ screen: 'gallery' })}>Gallery</a></div>
      </div>
    );
  }

  if (told.state === 'succeeded') return <Choose view={told} />;
  return told.state === 'failed' || told.state === 'cancelled' ? <Ended view={told} /> : <Watch view={told} />;
}

function titleOf(told: ReturnType<typeof useEdit>): string {
  if (told === 'loading') return 'Edit';
  if (told === 'gone' || told instanceof ApiError) return 'Gone';
  const state = told.state === 'running' ? `${Math.round(shareOf(told) * 100)} %` : `${capital(StateWords[told.state])}:`;
  return `${state} ${told.settings.targetText}`;
}
