import { useEffect, useMemo, useState } from 'preact/hooks';
import { wordsOf } from '../api/ApiError';
import type { EditView, ResultFile, Results } from '../api/types';
import { EditFiles } from '../pictures/EditFiles';
import { Family } from '../gallery/Family';
import { preload } from '../pictures/usePicture';
import { hrefOf } from '../shell/route';
import { Actions, saveShown, toggleStar } from './Actions';
import { Again, type Purpose } from './Again';
import { cellsOf, describe, neighbours } from './cells';
import { createChoose, type ChooseState } from './chooseState';
import { Details } from './Details';
import { Grid } from './Grid';
import { listenToKeys } from './keys';
import { Strengths, Versions } from './Strengths';
import { Viewer } from './Viewer';
import './choose.css';
import '../check/check.css';

/** The pictures of an edit that has succeeded: compare, choose, take. */
export function Choose({ view }: { view: EditView }) {
  const files = useMemo(() => new EditFiles(view.editId), [view.editId]);
  const [list, setList] = useState<Results | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const load = () => {
    setProblem(null);
    files.results().then(setList, (error: unknown) => setProblem(wordsOf(error)));
  };
  useEffect(load, [files]);
  const state = useMemo(() => list && stateOf(view, files, list), [view.editId, files, list]);
  if (problem) return <p class="card" role="alert">{problem} <button class="button" onClick={load}>Try again</button></p>;
  if (!list) return <p class="soft" role="status">The pictures are coming…</p>;
  return state ? <Chooser state={state} list={list.files} /> : <p class="card">This edit has no pictures.</p>;
}

function stateOf(view: EditView, files: EditFiles, list: Results): ChooseState | null {
  const cells = cellsOf(list, view.withheld);
  return cells.all.length > 0 ? createChoose(view, files, cells, list) : null;
}

function Chooser({ state, list }: { state: ChooseState; list: ResultFile[] }) {
  const [again, setAgain] = useState<Purpose | null>(null);
  const { view, files, cells } = state;
  const cell = state.cell.value;
  const description = describe(cell, cells);
  const hashes = useMemo(() => new Map(list.map(file => [file.name, file.sha256])), [list]);

  useEffect(() => listenToKeys(state, { star: () => toggleStar(state), download: () => void saveShown(state) }), [state]);
  useEffect(() => () => state.stars.end(), [state]);
  useEffect(() => {
    state.said.value = cell.withheld ? `${description}, withheld` : description;
    if (state.isGrid.value) return undefined;
    // Whoever runs through them does not wait for what was passed.
    const timer = setTimeout(() => { for (const other of neighbours(cells, cell)) preload(files, other.name); }, 150);
    return () => clearTimeout(timer);
  }, [cell, state.isGrid.value]);

  return (
    <div class="choose" style={{ '--aspect': `${view.source.width / view.source.height}` }}>
      <header class="choose-head">
        <h1>{view.settings.targetText}</h1>
        <p class="soft">{cells.all.length} pictures{view.from && <>, {view.settings.sample.method ? 'more of' : 'from what'} <a href={hrefOf({ screen: 'edit', id: view.from })}>another edit</a>{!view.settings.sample.method && ' has learnt'}</>}</p>
        <a class="made-with-ai" href={hrefOf({ screen: 'check' })} title="Pictures carry marks that say so, unless whoever runs this page has turned them off. Check one">Edited by AI</a>
      </header>
      <div class="choose-view">
        {state.isGrid.value ? <Grid state={state} /> : <Viewer viewer={state.viewer} files={files} name={cell.withheld ? null : cell.name} description={description} />}
      </div>
      <div class="choose-controls">
        <Family id={view.editId} text={view.settings.targetText} />
        <Strengths state={state} />
        <Versions state={state} />
        <GridSwitch state={state} />
        <Actions state={state} onAgain={setAgain} />
        <Notices state={state} />
        <Details state={state} hashes={hashes} />
      </div>
      <p class="visually-hidden" role="status" aria-live="polite">{state.said.value}</p>
      {again && <Again state={state} purpose={again} onClose={() => setAgain(null)} />}
    </div>
  );
}

function GridSwitch({ state }: { state: ChooseState }) {
  const { isGrid, starredOnly, stars, cells } = state;
  return (
    <div class="row">
      <button type="button" class="button grows" aria-pressed={isGrid.value} title="All pictures, or one (A)" onClick={() => { isGrid.value = !isGrid.value; }}>
        {isGrid.value ? 'Back to one picture' : `All ${cells.all.length} pictures`}
      </button>
      {isGrid.value && (
        <button type="button" class="button grows" aria-pressed={starredOnly.value} onClick={() => { starredOnly.value = !starredOnly.value; }}>
          <span aria-hidden="true">{starredOnly.value ? '★' : '☆'}</span> Starred only ({stars.count})
        </button>
      )}
    </div>
  );
}

function Notices({ state: { view, cells } }: { state: ChooseState }) {
  const withheld = cells.all.filter(cell => cell.withheld).length;
  const all = [
    ...view.notices,
    ...(withheld > 0 ? [`${withheld === 1 ? 'One picture is' : `${withheld} pictures are`} withheld: the model’s safety check took ${withheld === 1 ? 'it' : 'them'} for unfit to be shown.`] : []),
  ];
  return all.length === 0 ? null : <ul class="notices card" aria-label="To know">{all.map(notice => <li key={notice}>{notice}</li>)}</ul>;
}
