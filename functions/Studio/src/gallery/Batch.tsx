import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/ApiError';
import { api } from '../api/client';
import type { BatchView, EndedLine } from '../api/types';
import { confirm } from '../shell/Confirm';
import { Icon } from '../shell/Icon';
import { go, hrefOf } from '../shell/route';
import { age, duration, StateWords } from '../shell/words';

const Again = 4_000;

/** One batch: its lines, those that were refused, and all its pictures on one sheet. */
export function Batch({ name }: { name: string }) {
  const [batch, setBatch] = useState<BatchView>();
  const [sheet, setSheet] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [isGoing, setGoing] = useState(false);
  const tell = (error: unknown) => { if (error instanceof ApiError) setProblem(error.detail); };
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const look = () => void api.batch(name, stop.signal).then(told => {
      setBatch(told);
      if (!told.summary) timer = window.setTimeout(look, Again);
      else if (told.summary.succeeded > 0) void api.contactSheet(name, stop.signal).then(link => setSheet(link.url), () => {});
    }, tell);
    look();
    return () => { stop.abort(); clearTimeout(timer); };
  }, [name]);
  const remove = async () => {
    if (!await confirm(`Delete the batch “${name}”?`, 'All its edits and pictures go, for everyone. This cannot be undone.', 'Delete')) return;
    setGoing(true);
    try {
      while (!await api.removeBatch(name)) await new Promise(resolve => setTimeout(resolve, Again / 2));
      go({ screen: 'batches' });
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) go({ screen: 'batches' });
      else { tell(error); setGoing(false); }
    }
  };
  const ended = new Map(batch?.summary?.edits.map(line => [line.line, line]));
  return (
    <article class="batch">
      <a class="button quiet" href={hrefOf({ screen: 'batches' })}><Icon name="back" />All batches</a>
      <header class="batch-head">
        <div>
          <h2>{name}</h2>
          {batch && <p class="soft small">{summary(batch)}</p>}
        </div>
        <button class="button danger" disabled={isGoing} onClick={() => void remove()}>{isGoing ? 'Stopping…' : 'Delete'}</button>
      </header>
      {problem && <p class="problem" role="alert">{problem}</p>}
      {!batch && !problem && <p class="soft" role="status">Looking…</p>}
      {batch && batch.report.rejected.length > 0 && (
        <section class="note bad">
          <h3>{batch.report.rejected.length === 1 ? 'One line was refused' : `${batch.report.rejected.length} lines were refused`}</h3>
          <ul>{batch.report.rejected.map(({ line, message }) => <li key={line}><strong>Line {line}:</strong> {message}</li>)}</ul>
        </section>
      )}
      {sheet && <a href={sheet} target="_blank" rel="noreferrer" class="sheet"><img src={sheet} alt={`All pictures of ${name}`} /></a>}
      {batch && batch.report.accepted.length > 0 && (
        <div class="lines">
          <table>
            <thead><tr><th scope="col">Line</th><th scope="col">Sentence</th><th scope="col">State</th></tr></thead>
            <tbody>
              {batch.report.accepted.map(({ line, editId, targetText, source }) => (
                <tr key={line}>
                  <td>{line}</td>
                  <td><a href={hrefOf({ screen: 'edit', id: editId })}>{targetText}</a><br /><span class="soft small">{source}</span></td>
                  <td class="small">{lineState(ended.get(line))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </article>
  );
}

function summary({ report, summary }: BatchView): string {
  const started = age(report.created);
  if (!summary) return `${report.accepted.length} edits under way, from ${started}`;
  const parts = [[summary.succeeded, 'done'], [summary.failed, 'failed'], [summary.cancelled, 'cancelled'], [summary.rejected, 'refused']] as const;
  return `${parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`).join(', ')}, from ${started}`;
}

function lineState(line: EndedLine | undefined): string {
  if (!line) return 'under way';
  return line.message ?? `${StateWords[line.state]} in ${duration(line.seconds)}`;
}
