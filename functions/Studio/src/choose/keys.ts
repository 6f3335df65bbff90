import { keysHere } from '../shell/About';
import { isForPage } from '../shell/keys';
import type { ChooseState } from './chooseState';
import { Modes } from './viewerState';

interface Key {
  /** As KeyboardEvent.key has them. */
  keys: string[];
  shift?: true;
  shown: string;
  what: string;
  does(state: ChooseState, act: Acts): void;
}

/** What the screen does, not its state. */
export interface Acts { star(): void; download(): void }

const Pan = 60;

export const Keys: Key[] = [
  { keys: ['ArrowLeft'], shown: '←', what: 'version before', does: state => state.step('seed', -1) },
  { keys: ['ArrowRight'], shown: '→', what: 'next version', does: state => state.step('seed', 1) },
  { keys: ['ArrowUp'], shown: '↑', what: 'stronger', does: state => state.step('eta', 1) },
  { keys: ['ArrowDown'], shown: '↓', what: 'weaker', does: state => state.step('eta', -1) },
  { keys: ['['], shown: '[', what: 'closer to the photo', does: state => state.step('blend', -1) },
  { keys: [']'], shown: ']', what: 'freer', does: state => state.step('blend', 1) },
  { keys: ['m', 'M'], shown: 'M', what: 'next way to compare', does: ({ viewer }) => viewer.nextMode() },
  ...Modes.map(({ mode, label }, i): Key => ({ keys: [`${i + 1}`], shown: `${i + 1}`, what: label.toLowerCase(), does: ({ viewer }) => viewer.setMode(mode) })),
  { keys: [' '], shown: 'Space', what: 'the original, while it is held', does: ({ viewer }) => { viewer.isHeld.value = true; } },
  { keys: ['+', '='], shown: '+', what: 'zoom in', does: ({ viewer }) => viewer.zoomBy(1.5) },
  { keys: ['-', '_'], shown: '−', what: 'zoom out', does: ({ viewer }) => viewer.zoomBy(1 / 1.5) },
  { keys: ['0'], shown: '0', what: 'whole picture', does: ({ viewer }) => viewer.reset() },
  { keys: ['ArrowLeft'], shift: true, shown: '⇧ + ←↑↓→', what: 'move the zoomed picture', does: ({ viewer }) => viewer.pan(Pan, 0) },
  { keys: ['ArrowRight'], shift: true, shown: '', what: '', does: ({ viewer }) => viewer.pan(-Pan, 0) },
  { keys: ['ArrowUp'], shift: true, shown: '', what: '', does: ({ viewer }) => viewer.pan(0, Pan) },
  { keys: ['ArrowDown'], shift: true, shown: '', what: '', does: ({ viewer }) => viewer.pan(0, -Pan) },
  { keys: ['a', 'A'], shown: 'A', what: 'all pictures, or one', does: state => { state.isGrid.value = !state.isGrid.value; } },
  { keys: ['s', 'S'], shown: 'S', what: 'star', does: (_, act) => act.star() },
  { keys: ['d', 'D'], shown: 'D', what: 'download', does: (_, act) => act.download() },
];

const Hint = 'On the pictures: wheel or two fingers zoom, a double press shows the whole picture again. While the line of the wipe has the focus, arrows, Page and Home keys move it.';

/** The keys of the screen. Controls keep those that they have themselves: a slider its arrows, a button its space bar. */
export function listenToKeys(state: ChooseState, act: Acts): () => void {
  const end = new AbortController();
  addEventListener('keydown', event => {
    if (!isForPage(event)) return;
    const isArrow = event.key.startsWith('Arrow');
    if (takes(event.target, event.key)) return;
    const key = Keys.find(other => other.keys.includes(event.key) && (!isArrow || (other.shift ?? false) === event.shiftKey));
    if (!key) return;
    event.preventDefault();
    key.does(state, act);
  }, { signal: end.signal });
  const release = () => { state.viewer.isHeld.value = false; };
  addEventListener('keyup', event => { if (event.key === ' ') release(); }, { signal: end.signal });
  addEventListener('blur', release, { signal: end.signal });
  keysHere.value = { keys: Keys.filter(key => key.shown).map(key => [key.shown, key.what]), hint: Hint };
  return () => { end.abort(); keysHere.value = null; };
}

function takes(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('input[type=range], [role=slider], [role=grid]')) return key.startsWith('Arrow') || key === ' ';
  return key === ' ' && target.closest('button, summary, a') !== null;
}
