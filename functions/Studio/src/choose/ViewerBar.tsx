import { Modes, type ViewerState } from './viewerState';
import { fit } from './zoom';

/** How to compare. */
export function ViewerBar({ viewer }: { viewer: ViewerState }) {
  const hold = (isHeld: boolean) => { viewer.isHeld.value = isHeld; };
  const isPress = (event: KeyboardEvent) => event.key === ' ' || event.key === 'Enter';
  return (
    <div class="viewer-bar">
      <div class="segments" role="group" aria-label="Compare by">
        {Modes.map(({ mode, label, title }) => (
          <button key={mode} type="button" title={title} aria-pressed={viewer.mode.value === mode} onClick={() => viewer.setMode(mode)}>{label}</button>
        ))}
      </div>
      <button
        type="button" class="button hold" aria-pressed={viewer.isHeld.value} title="Shows the original while it is held (Space)"
        onPointerDown={event => { event.currentTarget.setPointerCapture(event.pointerId); hold(true); }}
        onLostPointerCapture={() => hold(false)} onBlur={() => hold(false)} onContextMenu={event => event.preventDefault()}
        onKeyDown={event => { if (isPress(event)) { event.preventDefault(); event.stopPropagation(); hold(true); } }}
        onKeyUp={event => { if (isPress(event)) { event.preventDefault(); hold(false); } }}
      >Hold for original</button>
    </div>
  );
}

export function ZoomButtons({ viewer }: { viewer: ViewerState }) {
  const { zoom } = viewer.view.value;
  const percent = Math.round(fit(viewer.picture.value, viewer.pane.value) * zoom * 100);
  return (
    <div class="zoom" role="group" aria-label="Zoom">
      <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => viewer.zoomBy(1.5)}>+</button>
      <button type="button" aria-label="Zoom out" title="Zoom out (−)" disabled={zoom <= 1} onClick={() => viewer.zoomBy(1 / 1.5)}>−</button>
      <button type="button" class="fit" aria-label={`Whole picture, now at ${percent} %`} title="Whole picture (0)" disabled={zoom <= 1} onClick={() => viewer.reset()}>{percent} %</button>
    </div>
  );
}
