import { hasEnded } from '../api/types';
import { shareOf } from '../watch/progress';
import { hrefOf, route } from './route';
import { running, type Running } from './running';
import { StateWords } from './words';

/** The edits that are under way, or have just ended, but for the one that is looked at. */
export function Strip() {
  const at = route.value;
  const others = running.value.filter(other => at.screen !== 'edit' || at.id !== other.id);
  if (others.length === 0) return null;
  return (
    <nav class="strip" aria-label="Edits under way">
      {others.map(({ id, text, view }) => (
        <a key={id} href={hrefOf({ screen: 'edit', id })} title={text}>
          <span class="strip-text">{text}</span>
          <span class="strip-state">{wordsOf(view)}</span>
          <progress max="1" value={view ? shareOf(view) : 0} aria-label={`Progress of “${text}”`} />
        </a>
      ))}
      <span class="visually-hidden" role="status">{others.filter(other => other.view?.state === 'succeeded').map(other => `Done: ${other.text}. `)}</span>
    </nav>
  );
}

function wordsOf(view: Running['view']): string {
  if (view && hasEnded(view.state)) return StateWords[view.state];
  // Between two stages it waits, too, and how far it is stays the same.
  const share = view ? shareOf(view) : 0;
  return share > 0 || view?.state === 'running' ? `${Math.round(share * 100)} %` : StateWords.queued;
}
