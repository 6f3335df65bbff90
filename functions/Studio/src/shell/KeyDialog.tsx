import { useState } from 'preact/hooks';
import { keyQuestion } from '../api/key';
import { Dialog } from './Dialog';

export function KeyDialog() {
  const [key, setKey] = useState('');
  const asked = keyQuestion.value;
  if (!asked) return null;
  return (
    <Dialog title="This service wants a key" onClose={() => asked.answer(null)}>
      <form onSubmit={event => { event.preventDefault(); if (key.trim()) asked.answer(key.trim()); setKey(''); }}>
        <p class="soft">Whoever runs it can give you one. This tab keeps it until you close it, and sends it to this service alone.</p>
        <label class="field">
          Key
          <input type="password" autocomplete="off" autofocus value={key} onInput={event => setKey(event.currentTarget.value)} aria-describedby="key-problem" />
        </label>
        <p id="key-problem" class="problem" role="alert">{asked.wasWrong ? 'The service did not take this key. Check it and try again.' : ''}</p>
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={() => asked.answer(null)}>Not now</button>
          <button class="button primary" disabled={!key.trim()}>Go on</button>
        </div>
      </form>
    </Dialog>
  );
}
