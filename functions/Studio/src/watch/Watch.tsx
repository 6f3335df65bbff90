import { useState } from 'preact/hooks';
import { ApiError } from '../api/ApiError';
import { api } from '../api/client';
import type { EditView } from '../api/types';
import { confirm } from '../shell/Confirm';
import { hrefOf } from '../shell/route';
import { about, capital, duration } from '../shell/words';
import { Learning } from './Learning';
import { Losses } from './Losses';
import { Stages } from './Stages';
import { useBefore } from './useBefore';
import { linesOf, secondsLeft, secondsSpent, shareOf } from './progress';

/** An edit on its way. */
export function Watch({ view }: { view: EditView }) {
  const [problem, setProblem] = useState<string>();
  const cancel = async () => {
    const method = view.settings.sample.method;
    const lost = view.from ? (method ? 'These pictures are not made. Those that you have stay.' : 'These pictures are not made. What was learnt, and the pictures that you have, stay.')
      : `${method ? 'These pictures are not made.' : 'What was learnt so far is lost.'} Your photo and sentence stay in this browser.`;
    if (!await confirm('Cancel this edit?', lost, 'Cancel the edit')) return;
    try {
      await api.cancel(view.editId);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.detail);
    }
  };
  const before = useBefore(view);
  const isStopping = view.cancelRequested || view.deleteRequested;
  return (
    <section class="watch">
      <header class="watch-head">
        <h1>{view.settings.targetText}</h1>
        <p class="watch-left">{isStopping ? 'Stopping…' : leftWords(view, before)}</p>
        {view.resumes > 0 && <p class="note small">Went on after an interruption{view.resumes > 1 ? ` (${view.resumes} so far)` : ''}. Nothing was lost.</p>}
      </header>
      <Stages view={view} />
      <p class="visually-hidden" role="status" aria-live="polite">{announcement(view)}</p>
      <Learning view={view} />
      <div class="watch-side">
        <Losses view={view} />
        {secondsSpent(view) >= 1 && <p class="soft small">{`${duration(secondsSpent(view))} of computing so far · ${Math.round(shareOf(view) * 100)} % of the work`}</p>}
        {view.notices.map(notice => <p key={notice} class="soft small">{notice}</p>)}
        {view.from && <p class="soft small">Your photo is known already: only the new pictures have to be made. <a href={hrefOf({ screen: 'edit', id: view.from })}>Those that you have</a> stay.</p>}
        <p class="soft small">You can close this page, and come back by its address or from the gallery.</p>
        {problem && <p class="problem" role="alert">{problem}</p>}
        <button class="button danger" disabled={isStopping} onClick={() => void cancel()}>{isStopping ? 'Stopping…' : 'Cancel'}</button>
      </div>
    </section>
  );
}

function leftWords(view: EditView, before: number | null): string {
  if (view.state === 'queued') {
    if (shareOf(view) > 0) return 'Waiting for its turn. It goes on by itself.';
    const place = before === null ? '' : before === 0 ? ' It is next.' : before === 1 ? ' One edit waits before it.' : ` ${before} edits wait before it.`;
    return `Waiting for its turn.${place} It starts by itself.`;
  }

  const left = secondsLeft(view);
  return left === null ? 'Getting ready…' : capital(`${about(left)} left`);
}

function announcement(view: EditView): string {
  if (view.state === 'queued') return 'Waiting for its turn.';
  const now = linesOf(view).find(line => line.state === 'now');
  return now ? `Now: ${now.name}.` : '';
}
