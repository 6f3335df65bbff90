import { computed, signal } from '@preact/signals';
import type { EditView, Results } from '../api/types';
import { EditFiles } from '../pictures/EditFiles';
import type { Place } from '../pictures/names';
import { next, suggestedOf, type Axis, type Cells } from './cells';
import { createStars } from './stars';
import { createViewer } from './viewerState';

export type ChooseState = ReturnType<typeof createChoose>;

/** What a person has chosen of an edit's pictures, and what they do with it. */
export function createChoose(view: EditView, files: EditFiles, cells: Cells, results: Pick<Results, 'suggested'>) {
  const suggested = suggestedOf(cells, results.suggested)!;
  const place = signal<Place>(suggested);
  const cell = computed(() => cells.at(place.value)!);
  return {
    view, files, cells, suggested, place, cell,
    stars: createStars(view.editId),
    viewer: createViewer(),
    /** All pictures at once, instead of one. */
    isGrid: signal(false),
    starredOnly: signal(false),
    /** For those who do not see it. */
    said: signal(''),
    choose(to: Place) { if (cells.at(to)) place.value = to; },
    step(axis: Axis, by: 1 | -1) { place.value = next(cells, place.value, axis, by); },
  };
}
