import { computed, signal } from '@preact/signals';
import { clamp, halves, panBy, Whole, within, zoomAt, type Size, type View } from './zoom';

export type Mode = 'wipe' | 'fade' | 'difference' | 'beside';

export const Modes: { mode: Mode; label: string; title: string }[] = [
  { mode: 'wipe', label: 'Wipe', title: 'Slide between the original and the edit' },
  { mode: 'fade', label: 'Fade', title: 'Mix the original with the edit' },
  { mode: 'difference', label: 'Difference', title: 'Only what has changed, twice as bright' },
  { mode: 'beside', label: 'Side by side', title: 'Original and edit next to each other' },
];

export const Gap = 8;

export type ViewerState = ReturnType<typeof createViewer>;

/** How the original and the edit are looked at. It stays while other pictures are chosen. */
export function createViewer() {
  const mode = signal<Mode>('wipe');
  /** Share of the original, from the left. */
  const wipe = signal(0.5);
  /** Share of the edit. */
  const fade = signal(0.5);
  const view = signal<View>(Whole);
  const isHeld = signal(false);
  const room = signal<Size>({ width: 1, height: 1 });
  const picture = signal<Size>({ width: 1, height: 1 });

  const split = computed(() => halves(picture.value, room.value, Gap));
  /** Of one picture: half the room where two are shown. */
  const pane = computed(() => mode.value === 'beside' ? split.value.pane : room.value);
  const middle = () => ({ x: pane.value.width / 2, y: pane.value.height / 2 });

  return {
    mode, wipe, fade, view, isHeld, room, picture, split, pane,
    setMode(to: Mode) {
      mode.value = to;
      view.value = within(view.value, picture.value, pane.value);
    },
    nextMode() { this.setMode(Modes[(Modes.findIndex(other => other.mode === mode.value) + 1) % Modes.length]!.mode); },
    setWipe(share: number) { wipe.value = clamp(share, 0, 1); },
    setFade(share: number) { fade.value = clamp(share, 0, 1); },
    zoomBy(factor: number, point = middle()) { view.value = zoomAt(view.value, factor, point, picture.value, pane.value); },
    pan(dx: number, dy: number) { view.value = panBy(view.value, dx, dy, picture.value, pane.value); },
    reset() { view.value = Whole; },
    resize(to: Size) {
      room.value = to;
      view.value = within(view.value, picture.value, pane.value);
    },
  };
}
