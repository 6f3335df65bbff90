import { useState } from 'preact/hooks';
import { ApiError } from '../api/ApiError';
import { api } from '../api/client';
import { hasEnded, type EditSummary } from '../api/types';
import { confirm } from '../shell/Confirm';
import { Icon } from '../shell/Icon';
import { hrefOf } from '../shell/route';
import { forget } from '../shell/running';
import { moment, StateWords } from '../shell/words';
import { drafts } from '../start/drafts';
import { originWords, staysWords } from './kin';
import { useCover } from './useCover';
import { useSeen } from './useSeen';

const Look = 2_000;

interface Props {
  edit: EditSummary;
  /** What it was made from, where the gallery has heard of that. */
  origin: EditSummary | undefined;
  onGone(): void;
}

/** One edit of the gallery. */
export function Card({ edit, origin, onGone }: Props) {
  const { element, isSeen } = useSeen<HTMLLIElement>();
  const url = useCover(edit, isSeen);
  const [removal, setRemoval] = useState<'stopping' | string>();
  const remove = async () => {
    const text = hasEnded(edit.state)
      ? 'All its pictures go, for everyone. This cannot be undone.' : 'It is stopped first, then all of it goes. This cannot be undone.';
    const stays = staysWords(edit.editId, await api.samples(edit.editId).catch(() => []));
    if (!await confirm(`Delete “${edit.targetText}”?`, stays ? `${text} ${stays}` : text, 'Delete')) return;
    setRemoval('stopping');
    forget(edit.editId);
    try {
      await removed(edit.editId);
      await drafts.forget(edit.editId);
      // The card goes and would take the focus along.
      (element.current?.nextElementSibling ?? element.current?.previousElementSibling)?.querySelector('a')?.focus();
      onGone();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setRemoval(error.detail);
    }
  };
  const isGoing = removal === 'stopping';
  const state = isGoing ? (hasEnded(edit.state) ? 'deleting…' : 'stopping…') : edit.cancelRequested && !hasEnded(edit.state) ? 'stopping…' : stateWords(edit);
  return (
    <li ref={element} class={isGoing ? 'tile going' : 'tile'}>
      <a href={hrefOf({ screen: 'edit', id: edit.editId })}>
        <span class="tile-picture">{url ? <img src={url} alt="" decoding="async" /> : <Icon name="photo" />}</span>
        <span class="tile-text">{edit.targetText}</span>
      </a>
      <p class="tile-facts soft small">
        {(edit.state !== 'succeeded' || isGoing) && <span class={`badge ${edit.state}`}>{state}</span>}
        <time dateTime={edit.created} title={new Date(edit.created).toLocaleString()}>{moment(edit.created)}</time>
      </p>
      {edit.from !== undefined && <p class="tile-facts small"><a class="soft" href={hrefOf({ screen: 'edit', id: edit.from })}>{originWords(edit, origin)}</a></p>}
      {removal && !isGoing && <p class="problem small" role="alert">{removal}</p>}
      <button class="icon-button tile-delete" disabled={isGoing} aria-label={`Delete “${edit.targetText}”`} title="Delete" onClick={() => void remove()}><Icon name="bin" /></button>
    </li>
  );
}

function stateWords({ state, progress }: EditSummary): string {
  const name = StateWords[state];
  return state === 'running' && progress ? `${name}, ${progress.step} of ${progress.steps}` : name;
}

/** Deletes, and waits until it is gone. */
async function removed(id: string): Promise<void> {
  try {
    if (await api.remove(id)) return;
    for (;;) {
      await new Promise(resolve => setTimeout(resolve, Look));
      await api.edit(id);
    }
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
}
