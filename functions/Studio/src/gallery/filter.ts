import type { EditSummary } from '../api/types';

/** Letters without marks and case, so that "cafe" finds "Café". */
const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Whether every word is somewhere in what people see or know of an edit. */
export function matches({ targetText, model, editId, batch }: EditSummary, search: string): boolean {
  const all = plain([targetText, model, editId, batch?.name ?? ''].join(' '));
  return plain(search).split(/\s+/).every(word => all.includes(word));
}

/** A list with a newer page: what is told otherwise takes the place of what was told before; the rest stays the same object. */
export function merged(known: EditSummary[], page: EditSummary[], isFirst: boolean): EditSummary[] {
  const told = new Map(page.map(edit => [edit.editId, edit]));
  const kept = known.map(edit => {
    const now = told.get(edit.editId);
    return now && JSON.stringify(now) !== JSON.stringify(edit) ? now : edit;
  });
  const ids = new Set(known.map(edit => edit.editId));
  const added = page.filter(edit => !ids.has(edit.editId));
  return isFirst ? [...added, ...kept] : [...kept, ...added];
}
