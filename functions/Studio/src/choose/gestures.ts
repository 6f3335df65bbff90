import type { ViewerState } from './viewerState';
import { boxOf, clamp, seen } from './zoom';

interface Point { x: number; y: number }

// Below this a hand trembles.
const Slack = 4;

/** Pointer, touch and wheel on the pictures. Where the whole picture is seen, a drag moves what the mode has to move; else the picture. */
export function listen(stage: HTMLElement, viewer: ViewerState): () => void {
  const points = new Map<number, Point>();
  let started: Point | null = null;
  let isDragging = false;

  const on = <K extends keyof HTMLElementEventMap>(type: K, handle: (event: HTMLElementEventMap[K]) => void, options?: AddEventListenerOptions) =>
    stage.addEventListener(type, handle, { ...options, signal: end.signal });
  const end = new AbortController();

  on('pointerdown', event => {
    if (event.button !== 0 || isControl(event)) return;
    points.set(event.pointerId, pointOf(event));
    stage.setPointerCapture(event.pointerId);
    if (points.size === 1) [started, isDragging] = [pointOf(event), false];
  });

  on('pointermove', event => {
    const before = points.get(event.pointerId);
    if (!before) return;
    const now = pointOf(event);
    if (points.size === 2) pinch(event.pointerId, before, now);
    else if (isDragging || Math.hypot(now.x - started!.x, now.y - started!.y) > Slack) {
      isDragging = true;
      drag(before, now);
    }

    points.set(event.pointerId, now);
  });

  for (const type of ['pointerup', 'pointercancel'] as const) on(type, event => points.delete(event.pointerId));

  on('dblclick', event => {
    if (isControl(event)) return;
    if (viewer.view.value.zoom > 1) viewer.reset();
    else viewer.zoomBy(2, inPane(pointOf(event)));
  });

  on('wheel', event => {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
    // The browser says that two fingers pinch by the control key, in smaller steps.
    viewer.zoomBy(Math.exp(-clamp(pixels, -120, 120) * (event.ctrlKey ? 0.01 : 0.002)), inPane(pointOf(event)));
  }, { passive: false });

  return () => end.abort();

  function drag(before: Point, now: Point) {
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    if (viewer.view.value.zoom > 1) viewer.pan(dx, dy);
    else if (viewer.mode.value === 'wipe') viewer.setWipe(viewer.wipe.value + dx / widthSeen());
    else if (viewer.mode.value === 'fade') viewer.setFade(viewer.fade.value + dx / widthSeen());
  }

  function pinch(id: number, before: Point, now: Point) {
    const other = [...points].find(([pointer]) => pointer !== id)![1];
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    viewer.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    const distance = Math.hypot(before.x - other.x, before.y - other.y);
    if (distance > 1) viewer.zoomBy(Math.hypot(now.x - other.x, now.y - other.y) / distance, inPane(middle));
  }

  function widthSeen() {
    const { from, to } = seen(boxOf(viewer.view.value, viewer.picture.value, viewer.pane.value), viewer.pane.value);
    return Math.max(1, to - from);
  }

  function pointOf(event: MouseEvent): Point {
    const { left, top } = stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  // Two pictures have the same point twice.
  function inPane({ x, y }: Point): Point {
    const { pane, room, mode, split } = viewer;
    if (mode.value !== 'beside') return { x, y };
    return split.value.column
      ? { x, y: y > pane.value.height ? y - (room.value.height - pane.value.height) : y }
      : { x: x > pane.value.width ? x - (room.value.width - pane.value.width) : x, y };
  }
}

const isControl = (event: Event) => (event.target as Element).closest('button, input, [role=slider], a') !== null;
