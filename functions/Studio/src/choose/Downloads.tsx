import { useRef, useState } from 'preact/hooks';
import { wordsOf } from '../api/ApiError';
import type { ChooseState } from './chooseState';
import { pack, save } from './download';
import { fileNameOf, ResultNames, slug } from '../pictures/names';

const Besides = [ResultNames.source, ResultNames.grid, ResultNames.report, ResultNames.record];

/** All or the starred pictures, in one file. */
export function Downloads({ state, names }: { state: ChooseState; names: ReadonlySet<string> }) {
  const [run, setRun] = useState<{ done: number; of: number } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  const { cells, stars, files, view } = state;
  const shown = cells.all.filter(cell => !cell.withheld);
  const starred = shown.filter(cell => stars.has(cell));

  async function zip(chosen: typeof shown, besides: readonly string[], suffix: string) {
    const controller = stop.current = new AbortController();
    const sentence = view.settings.targetText;
    const wanted = [
      ...chosen.map(cell => ({ name: cell.name, as: fileNameOf(sentence, cell, cells.blend.length) })),
      ...besides.filter(name => names.has(name)).map(name => ({ name, as: name })),
    ];
    setProblem(null);
    setRun({ done: 0, of: wanted.length });
    try {
      save(await pack(files, wanted, done => setRun({ done, of: wanted.length }), controller.signal), `${slug(sentence)}${suffix}.zip`);
      state.said.value = `${chosen.length} pictures downloaded`;
    } catch (error) {
      if (!controller.signal.aborted) setProblem(wordsOf(error));
    } finally {
      setRun(null);
    }
  }

  if (run) {
    return (
      <div class="packing">
        <label>Packing {run.done} of {run.of} files <progress max={run.of} value={run.done} /></label>
        <button type="button" class="button" onClick={() => stop.current?.abort()}>Stop</button>
      </div>
    );
  }

  return (
    <>
      <div class="row">
        <button type="button" class="button" onClick={() => zip(shown, Besides, '')}>All {shown.length} as zip</button>
        <button type="button" class="button" disabled={starred.length === 0} onClick={() => zip(starred, [], '-starred')}>
          {starred.length > 0 ? `Starred (${starred.length}) as zip` : 'Starred as zip'}
        </button>
      </div>
      {problem && <p class="problem" role="alert">{problem}</p>}
    </>
  );
}
