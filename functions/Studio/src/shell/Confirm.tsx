import { signal } from '@preact/signals';
import { Dialog } from './Dialog';

interface Question { title: string; text: string; yes: string; answer(yes: boolean): void }

const question = signal<Question | null>(null);

/** Asks before something that cannot be undone. */
export function confirm(title: string, text: string, yes: string): Promise<boolean> {
  return new Promise(resolve => {
    question.value = { title, text, yes, answer(said) { question.value = null; resolve(said); } };
  });
}

export function Confirm() {
  const asked = question.value;
  if (!asked) return null;
  return (
    <Dialog title={asked.title} onClose={() => asked.answer(false)}>
      <p>{asked.text}</p>
      <div class="dialog-buttons">
        <button class="button" autofocus onClick={() => asked.answer(false)}>Keep it</button>
        <button class="button danger" onClick={() => asked.answer(true)}>{asked.yes}</button>
      </div>
    </Dialog>
  );
}
