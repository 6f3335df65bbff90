import { useId } from 'preact/hooks';
import { Thumbnail } from '../pictures/Thumbnail';
import { freedomOf, inWords } from '../pictures/names';
import { across } from './cells';
import type { ChooseState } from './chooseState';

interface AxisProps { state: ChooseState; axis: 'eta' | 'blend'; label: string; low: string; high: string; what: string }

/** A slider over the values that there are pictures of, and no others. */
function AxisSlider({ state, axis, label, low, high, what }: AxisProps) {
  const id = useId();
  const place = state.place.value;
  const cells = axis === 'eta' ? state.cells.row(place) : state.cells.blend.map(blend => across(state.cells, place, { ...place, blend })!);
  const values = cells.map(cell => cell[axis]);
  const at = values.indexOf(place[axis]);
  const suggested = cells.indexOf(state.suggested);
  const note = axis === 'eta' && place.eta === 0 ? ', your photo again' : at === suggested ? ', suggested' : state.cell.value.isDraft && axis === 'eta' ? ', a draft' : '';
  const shown = (value: number) => axis === 'blend' ? freedomOf(value) : inWords(value);
  const choose = (index: number) => state.choose(cells[index]!);
  return (
    <div class="axis">
      <div class="axis-head"><label for={id}>{label}</label><output for={id}>{shown(place[axis])}{note}</output></div>
      <input
        id={id} type="range" min={0} max={values.length - 1} step={1} value={at}
        aria-valuetext={`${what} ${shown(place[axis])}, ${at + 1} of ${values.length}${note}`}
        onInput={event => choose(Number(event.currentTarget.value))}
      />
      {/* For pointers; by keyboard the slider itself does the same. */}
      <div class={`ticks ${values.length > 9 ? 'dense' : ''}`} aria-hidden="true">
        {values.map((value, i) => (
          <span key={value} class={`${i === at ? 'at' : ''} ${i === suggested ? 'suggested' : ''}`} onClick={() => choose(i)}>{axis === 'eta' && value === 0 ? 'photo' : shown(value)}</span>
        ))}
      </div>
      <div class="ends soft" aria-hidden="true"><span>{low}</span><span>{high}</span></div>
    </div>
  );
}

export function Strengths({ state }: { state: ChooseState }) {
  const { blend, row } = state.cells;
  return (
    <div class="strengths">
      {row(state.place.value).length > 1 && <AxisSlider state={state} axis="eta" label="Strength" what="strength" low="weaker" high="stronger" />}
      {blend.length > 1 && <AxisSlider state={state} axis="blend" label="Freedom" what="freedom" low="closer to the photo" high="freer" />}
    </div>
  );
}

/** The versions at the chosen strength. */
export function Versions({ state }: { state: ChooseState }) {
  const place = state.place.value;
  if (state.cells.seed.length < 2) return null;
  return (
    <div class="versions">
      <h2 id="versions">Version</h2>
      <ul aria-labelledby="versions">
        {state.cells.seed.map(seed => {
          const cell = across(state.cells, place, { ...place, seed });
          const isChosen = seed === place.seed;
          const marks = [
            ...(cell && state.stars.has(cell) ? ['starred'] : []),
            ...(cell === state.suggested ? ['suggested'] : []),
            ...(cell?.withheld ? ['withheld'] : []),
          ];
          return (
            <li key={seed}>
              <button
                type="button" class="version" aria-pressed={isChosen} disabled={!cell} aria-label={[`Version ${seed}`, ...marks].join(', ')}
                ref={isChosen ? keepSeen : null} onClick={() => cell && state.choose(cell)}
              >
                <span class="frame">{cell && !cell.withheld ? <Thumbnail files={state.files} name={cell.name} side={96} /> : <span class="withheld">withheld</span>}</span>
                <span class="name">{marks.includes('starred') && '★ '}{seed}{cell === state.suggested && <span class="dot" title="Suggested" />}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function keepSeen(button: HTMLElement | null): void {
  const list = button?.closest('ul');
  if (!button || !list) return;
  const item = button.parentElement!;
  const [start, end] = [item.offsetLeft - list.offsetLeft, item.offsetLeft - list.offsetLeft + item.offsetWidth];
  if (start < list.scrollLeft || end > list.scrollLeft + list.clientWidth) list.scrollTo({ left: start - list.clientWidth / 3 });
}
