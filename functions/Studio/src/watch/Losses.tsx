import { useEffect, useState } from 'preact/hooks';
import type { EditView } from '../api/types';
import { keepLosses, pointsOf, readLosses, withLoss } from './lossHistory';

const Width = 240;
const Height = 48;

/** How the difference to the photo falls, of the stage that learns. */
export function Losses({ view }: { view: EditView }) {
  const [losses, setLosses] = useState(() => readLosses(view.editId));
  useEffect(() => {
    const now = withLoss(losses, view);
    if (now === losses) return;
    setLosses(now);
    keepLosses(view.editId, now);
  }, [view]);
  const stage = losses.at(-1)?.stage;
  const points = stage && pointsOf(losses, stage, Width, Height);
  if (!points) return null;
  return (
    <figure class="losses">
      <figcaption class="soft small">Difference to your photo <span class="losses-term">(loss {losses.at(-1)!.loss.toPrecision(3)})</span></figcaption>
      <svg viewBox={`0 -3 ${Width} ${Height + 6}`} preserveAspectRatio="none" role="img" aria-label="The difference over the steps: lower is closer to your photo">
        <polyline points={points} />
      </svg>
    </figure>
  );
}
