import { useComputed, type ReadonlySignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Thumbnail } from '../pictures/Thumbnail';
import { freedomOf, type Place } from '../pictures/names';
import { describe, tableOf, type Cell as CellType } from './cells';
import type { ChooseState } from './chooseState';
import './grid.css';

/** All pictures: a row for each version and blend, a column for each strength. */
export function Grid({ state }: { state: ChooseState }) {
  const grid = useRef<HTMLDivElement>(null);
  const { cells, stars } = state;
  const shown = cells.all.filter(cell => !state.starredOnly.value || stars.has(cell));
  const { columns, rows } = tableOf(cells, shown, state.view.settings.sample.search !== undefined);
  // One of the cells takes the focus, as the pattern of a grid has it (ARIA APG).
  const stop = useComputed(() => {
    const all = cells.all.filter(cell => !state.starredOnly.value || stars.has(cell));
    return all.includes(state.cell.value) ? state.cell.value : all[0];
  });
  useEffect(() => { grid.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus(); }, []);
  if (shown.length === 0) return <p class="picture-none soft">Nothing is starred yet. Press the star beside a picture that you like.</p>;
  return (
    <div ref={grid} class="picture-table" role="grid" aria-label="All pictures" style={{ '--columns': `${columns.length}` }} onKeyDown={move}>
      <div role="row" class="picture-row head">
        <span role="columnheader" class="row-head small">Version</span>
        {columns.map(heading => <span role="columnheader" key={heading}>{heading}</span>)}
      </div>
      {rows.map(({ seed, blend, cells: row }) => (
        <div role="row" class="picture-row" key={`${seed}/${blend}`}>
          <span role="rowheader" class="row-head">{seed}{cells.blend.length > 1 && <small>freedom<br />{freedomOf(blend)}</small>}</span>
          {row.map((cell, i) => <span role="gridcell" key={columns[i]}>{cell && <Cell state={state} cell={cell} stop={stop} />}</span>)}
        </div>
      ))}
    </div>
  );

  function move(event: KeyboardEvent) {
    const button = (event.target as Element).closest('button');
    if (!button || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const cell = button.parentElement!;
    const row = cell.parentElement!;
    const index = [...row.children].indexOf(cell);
    const to = targetOf(event.key, row, index);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    to?.focus();
  }
}

// Undefined for a key that does not move; null at the end.
function targetOf(key: string, row: Element, index: number): HTMLElement | null | undefined {
  const inRow = (other: Element | null, from: number, by: number) => {
    for (let i = from; other && i > 0 && i < other.children.length; i += by) {
      const button = other.children[i]!.querySelector('button');
      if (button) return button;
    }

    return null;
  };
  switch (key) {
    case 'ArrowLeft': return inRow(row, index - 1, -1);
    case 'ArrowRight': return inRow(row, index + 1, 1);
    case 'Home': return inRow(row, 1, 1);
    case 'End': return inRow(row, row.children.length - 1, -1);
    case 'ArrowUp': case 'ArrowDown': {
      const step = (from: Element) => key === 'ArrowUp' ? from.previousElementSibling : from.nextElementSibling;
      for (let other = step(row); other; other = step(other)) {
        const button = other.children[index]?.querySelector('button');
        if (button) return button;
      }

      return null;
    }
    default: return undefined;
  }
}

interface CellProps { state: ChooseState; cell: CellType; stop: ReadonlySignal<Place | undefined> }

// Of 256, each by itself: where the focus goes on, two of them change.
function Cell({ state, cell, stop }: CellProps) {
  const isStop = useComputed(() => stop.value === cell).value;
  const isChosen = useComputed(() => state.cell.value === cell).value;
  const isStarred = state.stars.has(cell);
  const isSuggested = cell === state.suggested;
  const label = [describe(cell, state.cells), isStarred && 'starred', isSuggested && 'suggested', cell.withheld && 'withheld'].filter(Boolean).join(', ');
  return (
    <button
      type="button" class={`cell ${isSuggested ? 'suggested' : ''}`} tabIndex={isStop ? 0 : -1} aria-label={label} title={label}
      aria-current={isChosen ? 'true' : undefined}
      onFocus={() => state.choose(cell)} onClick={() => { state.choose(cell); state.isGrid.value = false; }}
    >
      {cell.withheld ? <span class="withheld">withheld</span> : <Thumbnail files={state.files} name={cell.name} side={128} />}
      {isStarred && <span class="star" aria-hidden="true">★</span>}
    </button>
  );
}
