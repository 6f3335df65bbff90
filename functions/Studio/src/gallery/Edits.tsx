import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EditSummary, State } from '../api/types';
import { Icon } from '../shell/Icon';
import { hrefOf } from '../shell/route';
import { capital, StateWords } from '../shell/words';
import { Card } from './Card';
import { matches } from './filter';
import { useEdits } from './useEdits';
import { useSeen } from './useSeen';

const States = [undefined, 'running', 'queued', 'succeeded', 'failed', 'cancelled'] as const;

export function Edits() {
  const [search, setSearch] = useState('');
  const [state, setState] = useState<State>();
  const { edits, problem, hasMore, more, drop } = useEdits(state);
  const shown = edits?.filter(edit => matches(edit, search.trim()));
  const { element, isSeen } = useSeen<HTMLDivElement>();
  // Goes on while the end of the grid is in sight: also when a search leaves few of each page.
  useEffect(() => { if (isSeen && hasMore) more(); }, [isSeen, hasMore, edits]);
  // Of hundreds of cards few change at a time: one that is drawn as before is not looked at again.
  const cards = useRef(new WeakMap<EditSummary, { origin: EditSummary | undefined; card: VNode }>());
  const known = new Map(edits?.map(edit => [edit.editId, edit]));
  const cardOf = (edit: EditSummary) => {
    const origin = edit.from === undefined ? undefined : known.get(edit.from);
    const before = cards.current.get(edit);
    if (before && before.origin === origin) return before.card;
    const card = <Card key={edit.editId} edit={edit} origin={origin} onGone={() => drop(edit.editId)} />;
    cards.current.set(edit, { origin, card });
    return card;
  };
  return (
    <>
      <div class="gallery-tools">
        <label class="search">
          <Icon name="search" /><span class="visually-hidden">Search</span>
          <input type="search" value={search} placeholder="Search the sentences" onInput={event => setSearch(event.currentTarget.value)} />
        </label>
        <div class="chips" role="group" aria-label="State">
          {States.map(other => (
            <button key={other} class="chip" aria-pressed={other === state} onClick={() => setState(other)}>{other ? capital(StateWords[other]) : 'All'}</button>
          ))}
        </div>
      </div>
      {problem && <p class="problem" role="alert">{problem}</p>}
      {shown && <p class="visually-hidden" role="status">{shown.length} edits{hasMore ? ' so far' : ''}</p>}
      <ul class="grid">{shown?.map(cardOf)}</ul>
      <div ref={element} class="grid-end">
        {!edits && !problem && <p class="soft" role="status">Looking…</p>}
        {hasMore && edits && <p class="soft">Loading more…</p>}
        {shown?.length === 0 && !hasMore && <Nothing isFiltered={search !== '' || state !== undefined} />}
      </div>
    </>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered
    ? <p class="soft">No edit is like that.</p>
    : <div class="nothing"><p>Your edits will be here.</p><a class="button primary" href={hrefOf({ screen: 'start' })}>Make the first one</a></div>;
}
