import type { EditView } from '../api/types';
import { Icon } from '../shell/Icon';
import { linesOf } from './progress';

/** The stages as one line; on narrow screens as a list. */
export function Stages({ view }: { view: EditView }) {
  return (
    <ol class="stages">
      {linesOf(view).map(({ stage, name, state, share, words }, i) => (
        <li key={stage} class={`stage ${state.replace(' ', '-')}`} aria-current={state === 'now' ? 'step' : undefined}>
          <span class="stage-mark" aria-hidden="true">{state === 'done' ? <Icon name="check" /> : i + 1}</span>
          <span class="stage-name">{name}{state === 'done' && <span class="visually-hidden">, done</span>}</span>
          <span class="stage-words soft">{words}</span>
          <span class="stage-track"><span style={{ transform: `scaleX(${share})` }} /></span>
        </li>
      ))}
    </ol>
  );
}
