import { useRef } from 'preact/hooks';
import type { ViewerState } from './viewerState';

const percent = (share: number) => Math.round(share * 100);

interface Props { viewer: ViewerState; divider: number; from: number; to: number }

/** The line between original and edit. It stays within what is seen of the picture, however that is zoomed. */
export function WipeHandle({ viewer, divider, from, to }: Props) {
  const grip = useRef<number | null>(null);
  const share = viewer.wipe.value;
  return (
    <div
      class="wipe" role="slider" tabIndex={0} aria-label="Wipe between original and edit" aria-orientation="horizontal"
      aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent(share)}
      aria-valuetext={`${percent(share)} % original, ${100 - percent(share)} % edit`}
      style={{ transform: `translateX(${divider}px)` }}
      onPointerDown={event => {
        grip.current = event.clientX - divider;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={event => { if (grip.current !== null) viewer.setWipe((event.clientX - grip.current - from) / Math.max(1, to - from)); }}
      onLostPointerCapture={() => { grip.current = null; }}
      onKeyDown={event => {
        const moved = moveOf(event, share);
        if (moved === null) return;
        event.preventDefault();
        event.stopPropagation();
        viewer.setWipe(moved);
      }}
    ><span class="grip" aria-hidden="true" /></div>
  );
}

// As the pattern of a slider has it (ARIA APG).
function moveOf({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent, share: number): number | null {
  if (shiftKey || ctrlKey || metaKey || altKey) return null;
  switch (key) {
    case 'ArrowLeft': case 'ArrowDown': return share - 0.02;
    case 'ArrowRight': case 'ArrowUp': return share + 0.02;
    case 'PageDown': return share - 0.1;
    case 'PageUp': return share + 0.1;
    case 'Home': return 0;
    case 'End': return 1;
    default: return null;
  }
}

export function FadeSlider({ viewer }: { viewer: ViewerState }) {
  const share = percent(viewer.fade.value);
  return (
    <label class="fade">
      <span aria-hidden="true">Original</span>
      <input
        type="range" min={0} max={100} step={2} value={share} aria-label="Mix of original and edit"
        aria-valuetext={`${100 - share} % original, ${share} % edit`}
        onInput={event => viewer.setFade(Number(event.currentTarget.value) / 100)}
      />
      <span aria-hidden="true">Edit</span>
    </label>
  );
}
