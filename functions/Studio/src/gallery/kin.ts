import type { EditSummary } from '../api/types';
import { moment } from '../shell/words';

type Kin = Pick<EditSummary, 'editId' | 'targetText' | 'created' | 'from'>;

/** What an edit of a tuning is to the one that it was made from; null of one that has learnt by itself. */
export function originWords({ from, targetText }: Kin, origin: Kin | undefined): string | null {
  if (from === undefined) return null;
  if (!origin) return 'More pictures of an earlier edit';
  return origin.targetText === targetText ? `More pictures of the edit of ${moment(origin.created)}` : `Another sentence on “${origin.targetText}”`;
}

const MostNamed = 4;

/** What stays when an edit goes that others were made from; empty where there are none. */
export function staysWords(id: string, all: readonly Kin[]): string {
  const made = all.filter(edit => edit.from === id);
  if (made.length === 0) return '';
  const names = made.slice(0, MostNamed).map(edit => `“${edit.targetText}” (${moment(edit.created)})`);
  const more = made.length > MostNamed ? ` and ${made.length - MostNamed} more` : '';
  return made.length === 1
    ? `One edit was made from it and stays, with its pictures and what was learnt: ${names[0]}.`
    : `${made.length} edits were made from it and stay, with their pictures and what was learnt: ${names.join(', ')}${more}.`;
}
