import { signal } from '@preact/signals';
import { keep, recall } from '../shell/storage';

const Item = 'imagic-key';

/** A question that the dialog of the shell shows. */
export interface KeyQuestion { wasWrong: boolean; answer(key: string | null): void }

export const keyQuestion = signal<KeyQuestion | null>(null);

let key = known();

/** For this tab only: closing it forgets the key. */
export const functionKey = () => key;

let asking: Promise<string | null> | null = null;

/** Asks for a key, once for all calls that were refused meanwhile. Null when nobody wants to give one. */
export function askForKey(refused: string | null): Promise<string | null> {
  // Somebody else has been given another one since.
  if (functionKey() !== refused) return Promise.resolve(functionKey());
  asking ??= new Promise<string | null>(resolve => {
    keyQuestion.value = {
      wasWrong: refused !== null,
      answer(given) {
        key = given;
        keep('sessionStorage', Item, given);
        keyQuestion.value = null;
        resolve(given);
      },
    };
  }).finally(() => { asking = null; });
  return asking;
}

function known(): string | null {
  const kept = recall('sessionStorage', Item);
  return typeof kept === 'string' ? kept : null;
}
