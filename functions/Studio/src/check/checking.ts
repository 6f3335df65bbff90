import { signal } from '@preact/signals';
import { wordsOf } from '../api/ApiError';
import { api } from '../api/client';
import type { MarksReport } from '../api/types';

/** What is known of the picture that was given last. */
export type Checked =
  | { is: 'nothing' }
  | { is: 'busy'; file: File }
  | { is: 'wrong'; file: File; words: string }
  | { is: 'checked'; file: File; marks: MarksReport };

export const checked = signal<Checked>({ is: 'nothing' });

/** As many bytes as the service takes. */
const MostBytes = 64 * 1024 * 1024;

let current: AbortController | null = null;

/** Has a picture checked; of two, the later one counts. */
export async function check(file: File): Promise<void> {
  current?.abort();
  const mine = current = new AbortController();
  if (file.size === 0 || file.size > MostBytes) {
    checked.value = { is: 'wrong', file, words: file.size === 0 ? 'The file is empty.' : 'The file is larger than 64 MB. Use a smaller one.' };
    return;
  }

  checked.value = { is: 'busy', file };
  try {
    const marks = await api.verify(file, mine.signal);
    if (current === mine) checked.value = { is: 'checked', file, marks };
  } catch (error) {
    if (current === mine) checked.value = { is: 'wrong', file, words: wordsOf(error) };
  }
}
