import { useEffect, useRef, useState } from 'preact/hooks';
import { wordsOf } from '../api/ApiError';
import { api } from '../api/client';
import type { Models, SampleRequest } from '../api/types';
import { Dialog } from '../shell/Dialog';
import { go } from '../shell/route';
import { about } from '../shell/words';
import { freedomOf, inWords } from '../pictures/names';
import type { ChooseState } from './chooseState';
import { costOf, finer, newSeeds, strengthsIn } from './cost';
import { accepted, keyFor } from './pending';

export type Purpose = 'more' | 'sentence';

interface Props { state: ChooseState; purpose: Purpose; onClose: () => void }

/** Asks for more pictures of what was learnt, and says beforehand what they cost. */
export function Again({ state, purpose, onClose }: Props) {
  const { view, cells } = state;
  const { settings } = view;
  const place = state.place.value;
  const [text, setText] = useState(settings.targetText);
  // All of DDIB's versions are one.
  const hasVersions = settings.sample.method !== 'ddib';
  const [kind, setKind] = useState<'versions' | 'strengths'>(hasVersions ? 'versions' : 'strengths');
  const highest = settings.sample.method === 'sdedit' ? 1 : 3;
  const [count, setCount] = useState(3);
  const [strengths, setStrengths] = useState(() => finer(cells.row(place).map(cell => cell.eta), place.eta).filter(eta => eta <= highest).map(inWords).join(', '));
  const [limits, setLimits] = useState<Models['limits'] | null>(null);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const sentence = useRef<HTMLTextAreaElement>(null);
  useEffect(() => { api.models().then(models => setLimits(models.limits), () => {}); }, []);
  useEffect(() => { if (purpose === 'sentence') sentence.current?.select(); }, []);

  const own = settings.sample;
  const etas = purpose === 'more' && kind === 'strengths' ? strengthsIn(strengths, highest) : own.etas;
  const seeds = purpose === 'more' && kind === 'versions' ? newSeeds(cells.seed, count) : own.seeds;
  const blends = purpose === 'more' && kind === 'strengths' ? [place.blend] : own.blends;
  // As it was made, but for strengths that are named.
  const search = purpose === 'more' && kind === 'strengths' ? undefined : own.search;
  const asked = { seeds, etas: etas ?? [], blends, ...(search && { search }) };
  const cost = costOf(view, asked);
  const most = limits?.pictures ?? Infinity;
  const allowed = view.cost?.allowed ?? Infinity;
  const wrong = text.trim() === '' ? 'Write what the picture should show.'
    : purpose === 'sentence' && text.trim() === settings.targetText ? 'Change the sentence first.'
    : !etas ? `Write strengths as numbers, such as 0.6, 0.7: at most ${highest}.`
    : cost.pictures > most ? `${cost.pictures} pictures are more than the ${most} that one edit may have.`
    : cost.passes > allowed ? `${cost.pictures} pictures are more work than one edit may take here. Ask for fewer.`
    : null;

  async function start(event: Event) {
    event.preventDefault();
    if (wrong || !etas || isSending) return;
    const request: SampleRequest = { targetText: text.trim(), settings: asked };
    setSending(true);
    setProblem(null);
    try {
      const started = await api.sample(view.editId, request, keyFor(view.editId, request));
      accepted(view.editId);
      go({ screen: 'edit', id: started.editId });
    } catch (error) {
      setProblem(wordsOf(error));
      setSending(false);
    }
  }

  return (
    <Dialog title={purpose === 'more' ? 'More versions or strengths' : 'Another sentence'} onClose={onClose}>
      <form class="again" onSubmit={start}>
        {purpose === 'more' ? (
          <>
            {hasVersions && <div class="segments" role="group" aria-label="More of">
              <button type="button" aria-pressed={kind === 'versions'} onClick={() => setKind('versions')}>Versions</button>
              <button type="button" aria-pressed={kind === 'strengths'} onClick={() => setKind('strengths')}>Strengths</button>
            </div>}
            {kind === 'versions' ? (
              <label class="field">New versions
                <input type="number" min={1} max={64} value={count} onInput={event => setCount(Math.max(1, Math.min(64, Math.floor(event.currentTarget.valueAsNumber) || 1)))} />
                <small class="soft">{seeds.length > 1 ? `Versions ${seeds[0]} to ${seeds.at(-1)}` : `Version ${seeds[0]}`}, {own.search ? 'at strengths that suit them' : 'at the same strengths'}.</small>
              </label>
            ) : (
              <label class="field">Strengths
                <input type="text" inputMode="decimal" value={strengths} aria-invalid={!etas} onInput={event => setStrengths(event.currentTarget.value)} />
                <small class="soft">Finer around {inWords(place.eta)}, of the same versions{cells.blend.length > 1 && `, at freedom ${freedomOf(place.blend)}`}. 0 is your photo, 1 the sentence{highest > 1 && '; more goes beyond it'}.</small>
              </label>
            )}
          </>
        ) : (
          <label class="field">What the picture should show
            <textarea ref={sentence} rows={3} maxLength={limits?.textLength} value={text} onInput={event => setText(event.currentTarget.value.replace(/[\r\n]+/g, ' '))} />
            {!own.method && <small class="soft">Your photo was learnt with “{settings.tuned?.targetText ?? settings.targetText}”. A sentence that is not too far from it works best.</small>}
          </label>
        )}
        <p class="cost">
          <strong>{cost.pictures} pictures</strong>{cost.seconds !== undefined && <>, <strong>{about(cost.seconds)}</strong></>} once a worker is free.{' '}
          <span class="soft">{own.method ? 'Nothing is learnt.' : 'What was learnt of your photo is used again: nothing is learnt anew.'} Strength 0 is always among them.</span>
        </p>
        {(problem ?? wrong) && <p class={problem ? 'problem' : 'soft'} role={problem ? 'alert' : undefined}>{problem ?? wrong}</p>}
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="button primary" disabled={wrong !== null || isSending}>{isSending ? 'Starting…' : 'Start'}</button>
        </div>
      </form>
    </Dialog>
  );
}
