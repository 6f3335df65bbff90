import { useEffect } from 'preact/hooks';
import { ApiError } from '../api/ApiError';
import { api } from '../api/client';
import type { PictureSettings } from '../pictures/pngText';
import { draft, models, restored, send, sending, stopSending, takeFile, undoRestored, wrong } from './draft';
import { Options } from './Options';
import { planOf, problemOf, textProblem } from './plan';
import { Photo } from './Photo';
import { Sentence } from './Sentence';
import './start.css';

export function Start() {
  useEffect(() => {
    document.title = 'Imagic Studio';
    api.models().then(told => { models.value = told; }, (error: unknown) => {
      if (error instanceof ApiError) wrong.value = { part: 'all', words: error.detail };
    });
  }, []);
  const { picture, source, targetText } = draft.value;
  const told = models.value;
  const plan = told && planOf(told, draft.value);
  const hasPhoto = picture !== undefined || source !== undefined;

  const submit = (event: Event) => {
    event.preventDefault();
    const text = textProblem(targetText, told?.limits.textLength ?? 1000);
    const options = plan && problemOf(plan, told!.limits);
    if (!hasPhoto) wrong.value = { part: 'picture', words: 'Choose a photo first.' };
    else if (text) wrong.value = { part: 'text', words: text };
    else if (options) wrong.value = { part: 'options', words: options };
    else { void send(); return; }
    document.querySelector<HTMLElement>(`[data-part=${wrong.value.part}]`)?.focus();
  };

  return (
    <form class={hasPhoto ? 'start has-photo' : 'start'} onSubmit={submit} noValidate>
      {!hasPhoto && (
        <div class="start-intro">
          <h1>Change what happens in a photo</h1>
          <p class="soft">Say what it should show. The person, the place and the light stay yours.</p>
        </div>
      )}
      <Photo plan={plan} />
      {wrong.value?.part === 'all' && !hasPhoto && <p class="problem" role="alert">{wrong.value.words}</p>}
      {(hasPhoto || restored.value) && (
        <div class="start-form">
          {restored.value && <Restored {...restored.value} hasPhoto={hasPhoto} />}
          <Sentence plan={plan} />
          {told && plan && <Options models={told} plan={plan} />}
          {wrong.value?.part === 'options' && <p class="problem" role="alert" tabIndex={-1} data-part="options">{wrong.value.words}</p>}
          {wrong.value?.part === 'all' && <p class="problem" role="alert" tabIndex={-1} data-part="all">{wrong.value.words}</p>}
          <div class="start-go">{sending.value ? <SendingNow /> : <button class="button primary large">Start the edit</button>}</div>
        </div>
      )}
      {!hasPhoto && !restored.value && <How />}
    </form>
  );
}

function SendingNow() {
  const { phase, share } = sending.value!;
  return (
    <div class="sending">
      <p role="status">{phase === 'upload' ? `Sending your photo: ${Math.round(share * 100)} %` : 'Starting…'}</p>
      <progress max="1" value={phase === 'upload' ? share : undefined} aria-label="Sending" />
      <button type="button" class="button" onClick={stopSending}>Stop</button>
    </div>
  );
}

function Restored({ file, was, hasPhoto }: { file: File; was: PictureSettings; hasPhoto: boolean }) {
  return (
    <div class="note" role="status">
      <p><strong>Settings restored.</strong> “{file.name}” was made here, and how it was made is in the form now: its sentence too.{hasPhoto ? ' Your photo is as it was.' : ' Choose the photo to use them on.'}</p>
      {was.tuned && <p>Your photo was learnt with the sentence below. The picture itself shows “{was.targetText}”: when the edit is done, ask for it by “Another sentence”.</p>}
      {models.value?.models.some(other => other.name === was.model) === false && <p>Its model, {was.model}, is not here: the numbers of another one are taken.</p>}
      <div class="row">
        <button type="button" class="button" onClick={undoRestored}>Undo</button>
        <button type="button" class="button" onClick={() => void takeFile(file, true)}>Edit that picture instead</button>
      </div>
    </div>
  );
}

function How() {
  return (
    <ol class="how">
      <li><h2>Give a photo</h2><p>One animal, person or thing that can be seen well works best.</p></li>
      <li><h2>Say what it should show</h2><p>“A photo of a sitting dog”: the whole picture in one short sentence.</p></li>
      <li><h2>Pick the version you like</h2><p>Your photo is learnt for some minutes, then made anew in several strengths.</p></li>
    </ol>
  );
}
