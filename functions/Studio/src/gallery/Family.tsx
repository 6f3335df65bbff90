import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/client';
import type { EditSummary } from '../api/types';
import { Icon } from '../shell/Icon';
import { hrefOf } from '../shell/route';
import { age, moment, StateWords } from '../shell/words';
import { useCover } from './useCover';
import './gallery.css';

/** All edits that were made of what one of them has learnt, the first one first. */
export function Family({ id, text }: { id: string; text: string }) {
  const [all, setAll] = useState<EditSummary[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    // Without it the edit is as it was.
    api.samples(id, stop.signal).then(edits => setAll(edits.reverse()), () => {});
    return () => stop.abort();
  }, [id]);
  if (all.length < 2) return null;
  return (
    <nav class="family" aria-label="Made of the same photo, learnt once">
      <h2>From the same learning</h2>
      <ul>{all.map(edit => <Member key={edit.editId} edit={edit} isShown={edit.editId === id} isOther={edit.targetText !== text} />)}</ul>
    </nav>
  );
}

function Member({ edit, isShown, isOther }: { edit: EditSummary; isShown: boolean; isOther: boolean }) {
  const url = useCover(edit, true);
  const words = isOther ? edit.targetText : edit.from === undefined ? 'First pictures' : 'More pictures';
  return (
    <li>
      <a href={hrefOf({ screen: 'edit', id: edit.editId })} aria-current={isShown ? 'page' : undefined} title={`${edit.targetText} (${moment(edit.created)})`}>
        <span class="family-picture">{url ? <img src={url} alt="" decoding="async" /> : <Icon name="photo" />}</span>
        <span class="family-text small"><span>{words}</span><span class="soft">{edit.state === 'succeeded' ? age(edit.created) : StateWords[edit.state]}</span></span>
      </a>
    </li>
  );
}
