import type { Results } from '../api/types';
import { freedomOf, inWords, placeOf, type Place } from '../pictures/names';

export interface Cell extends Place { name: string; withheld: boolean; isDraft: boolean }

export type Axis = keyof Place;

type Row = Pick<Place, 'seed' | 'blend'>;

/** The pictures of an edit: rows of a version at a freedom, each with strengths of its own. */
export interface Cells {
  seed: number[];
  /** Closer to the photo to freer: from the tuned weights to the model's own. */
  blend: number[];
  all: Cell[];
  at(place: Place): Cell | undefined;
  /** Weaker to stronger. */
  row(row: Row): Cell[];
}

export const keyOf = ({ seed, eta, blend }: Place) => `${seed}/${eta}/${blend}`;

export function cellsOf({ files, drafts }: Pick<Results, 'drafts'> & { files: { name: string }[] }, withheld: readonly string[]): Cells {
  const all = [...files.map(({ name }) => cellOf(name, false, drafts)), ...withheld.map(name => cellOf(name, true, drafts))].filter(cell => cell !== null);
  const byKey = new Map(all.map(cell => [keyOf(cell), cell]));
  const rows = new Map<string, Cell[]>();
  for (const cell of [...all].sort((a, b) => a.eta - b.eta)) rows.set(rowKey(cell), [...rows.get(rowKey(cell)) ?? [], cell]);
  const axis = (name: keyof Row) => [...new Set(all.map(cell => cell[name]))].sort((a, b) => a - b);
  return { seed: axis('seed'), blend: axis('blend').reverse(), all, at: place => byKey.get(keyOf(place)), row: row => rows.get(rowKey(row)) ?? [] };
}

const rowKey = ({ seed, blend }: Row) => `${seed}/${blend}`;

function cellOf(name: string, withheld: boolean, drafts: readonly string[]): Cell | null {
  const place = placeOf(name);
  return place && { ...place, name, withheld, isDraft: drafts.includes(name) };
}

/** The picture that is shown first: the best that is suggested, or the first that may be shown. */
export function suggestedOf(cells: Cells, suggested: readonly string[]): Cell | undefined {
  return cells.all.find(cell => cell.name === suggested[0]) ?? cells.all.find(cell => !cell.withheld) ?? cells.all[0];
}

/** The same strength in another row; where that has none, the one at the same place. */
export function across(cells: Cells, place: Place, row: Row): Cell | undefined {
  const [from, to] = [cells.row(place), cells.row(row)];
  return to.find(cell => cell.eta === place.eta) ?? to[Math.min(from.findIndex(cell => cell.eta === place.eta), to.length - 1)];
}

/** One further along an axis; the same place at its end. */
export function next(cells: Cells, place: Place, axis: Axis, by: 1 | -1): Place {
  const row = cells.row(place);
  if (axis === 'eta') return row[row.findIndex(cell => cell.eta === place.eta) + by] ?? place;
  const value = cells[axis][cells[axis].indexOf(place[axis]) + by];
  return (value !== undefined && across(cells, place, { ...place, [axis]: value })) || place;
}

/** Rows and columns of the pictures that are shown. Where strengths were found, each row has its own and a column is a place among them. */
export function tableOf(cells: Cells, shown: readonly Cell[], isFound: boolean) {
  const rows = cells.seed.flatMap(seed => cells.blend.map(blend => ({ seed, blend, own: cells.row({ seed, blend }).filter(cell => shown.includes(cell)) })))
    .filter(row => row.own.length > 0);
  const placesOf = (own: Cell[]) => own.filter(cell => cell.eta !== 0);
  const most = Math.max(0, ...rows.map(row => placesOf(row.own).length));
  const etas = [...new Set(shown.map(cell => cell.eta))].sort((a, b) => a - b);
  const hasPhoto = etas.includes(0);
  return {
    columns: isFound ? [...(hasPhoto ? ['photo'] : []), ...Array.from({ length: most }, (_, i) => `${i + 1}`)] : etas.map(eta => eta === 0 ? 'photo' : inWords(eta)),
    rows: rows.map(({ own, ...row }) => ({
      ...row,
      cells: isFound
        ? [...(hasPhoto ? [own.find(cell => cell.eta === 0)] : []), ...Array.from({ length: most }, (_, i) => placesOf(own)[i])]
        : etas.map(eta => own.find(cell => cell.eta === eta)),
    })),
  };
}

/** Pictures that the next key may ask for. */
export function neighbours(cells: Cells, place: Place): Cell[] {
  const axes: Axis[] = ['eta', 'seed', 'blend'];
  return axes.flatMap(axis => [next(cells, place, axis, 1), next(cells, place, axis, -1)])
    .filter(other => other !== place)
    .map(other => cells.at(other))
    .filter(cell => cell !== undefined && !cell.withheld) as Cell[];
}

export function describe(place: Place, cells: Cells): string {
  const { seed, eta, blend } = place;
  const blends = cells.blend.length > 1 ? `, ${blendInWords(blend, cells)}` : '';
  return `Version ${seed}, strength ${inWords(eta)}${blends}${cells.at(place)?.isDraft ? ', a draft' : ''}`;
}

function blendInWords(blend: number, cells: Cells): string {
  if (blend === cells.blend[0]) return 'closest to the photo';
  return blend === cells.blend.at(-1) ? 'freest' : `freedom ${freedomOf(blend)}`;
}
