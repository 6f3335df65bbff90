import { signal } from '@preact/signals';
import { ApiError } from '../api/ApiError';
import { api, newEditId } from '../api/client';
import type { Models } from '../api/types';
import { readSettings, type PictureSettings } from '../pictures/pngText';
import { heard } from '../shell/running';
import { go, route } from '../shell/route';
import { drafts, type Draft } from './drafts';
import { trimmed, withoutRecipe } from './plan';
import { PictureError, readPicture } from './readPicture';
import { upload } from './upload';

/** What is wrong with which part. */
export interface Wrong { part: 'picture' | 'text' | 'options' | 'all'; words: string }

export interface Sending { phase: 'upload' | 'start'; share: number }

const Empty: Draft = { targetText: '', settings: { search: {} } };

export const draft = signal<Draft>(Empty);
export const models = signal<Models | null>(null);
export const sending = signal<Sending | null>(null);
export const wrong = signal<Wrong | null>(null);
export const reading = signal(false);
/** A result was dropped, and what it was made with is in the form. */
export const restored = signal<{ file: File; was: PictureSettings; before: Draft } | null>(null);

let stop = new AbortController();

/** Brings back what a reload interrupted, and goes on with it. */
export async function wake(): Promise<void> {
  const kept = await drafts.read();
  if (kept && draft.value === Empty) draft.value = kept;
  if (kept?.id) await send();
}

export function change(part: Partial<Draft>, ...without: ('id' | 'picture' | 'source' | 'model' | 'size')[]): void {
  const now = { ...draft.value };
  for (const name of without) delete now[name];
  draft.value = { ...now, ...part };
  if (wrong.value?.part !== 'picture' || part.picture) wrong.value = null;
  void drafts.write(draft.value);
}

/** Takes a file that was dropped, pasted or chosen, on whichever screen. */
export async function takeFile(file: File, asPhoto = false): Promise<void> {
  if (sending.value) return;
  if (route.value.screen !== 'start') go({ screen: 'start' });
  wrong.value = null;
  restored.value = null;
  reading.value = true;
  try {
    const was = asPhoto ? null : await readSettings(file);
    if (was) {
      const { tuned, targetText, model, settings, size } = was;
      const isHere = models.value?.models.some(other => other.name === model) ?? true;
      // What was learnt comes first: another sentence is for what has been learnt.
      const text = { targetText: tuned?.targetText ?? targetText };
      const all = { ...settings, ...(tuned && { negativeText: tuned.negativeText }) };
      const before = draft.value;
      change(isHere ? { ...text, model, settings: all, ...(size && { size }) } : { ...text, settings: withoutRecipe(all) }, 'model', 'size');
      restored.value = { file, was, before };
      return;
    }

    change({ picture: await readPicture(file, models.value?.limits.uploadBytes) }, 'source');
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    wrong.value = { part: 'picture', words: error.message };
  } finally {
    reading.value = false;
  }
}

/** Puts back what the form held before a result was dropped. */
export function undoRestored(): void {
  const { before } = restored.value!;
  restored.value = null;
  change(before, 'model', 'size');
}

/** Begins another edit with a picture that was made here. */
export function useAsSource(file: File): void {
  void takeFile(file, true);
}

export function dropPicture(): void {
  change({}, 'picture', 'source');
}

/** Uploads and starts; a draft that has an id was on its way when the page was left. */
export async function send(): Promise<void> {
  stop = new AbortController();
  const id = draft.value.id ?? newEditId();
  change({ id });
  try {
    await start(id);
  } catch (error) {
    if (stop.signal.aborted) return;
    change({}, 'id');
    wrong.value = wrongOf(error);
  } finally {
    sending.value = null;
  }
}

async function start(id: string): Promise<void> {
  const { picture, targetText, model, settings, size } = draft.value;
  if (picture && !draft.value.source) {
    sending.value = { phase: 'upload', share: 0 };
    change({ source: await upload(picture, share => { sending.value = { phase: 'upload', share }; }, stop.signal) });
  }

  sending.value = { phase: 'start', share: 1 };
  try {
    const view = await api.start(
      id, { targetText, source: draft.value.source!, ...(model && { model }), settings: trimmed(settings), ...(size && { size }) }, stop.signal);
    heard(view);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'source-not-found' || !picture) throw error;
    // Uploads are not kept for ever, drafts are.
    change({}, 'source');
    return start(id);
  }

  await drafts.accept(id, draft.value);
  draft.value = Empty;
  restored.value = null;
  go({ screen: 'edit', id });
}

/** Gives up while it is on its way; what may have started is deleted. */
export function stopSending(): void {
  const { id } = draft.value;
  const mayHaveStarted = sending.value?.phase === 'start';
  stop.abort();
  sending.value = null;
  change({}, 'id');
  if (id && mayHaveStarted) void api.remove(id).catch(() => {});
}

/** Makes a draft of an edit that was sent before: here, or elsewhere, when its picture is known by name only. */
export async function tryAgain(id: string, told: Draft): Promise<void> {
  draft.value = await drafts.sent(id) ?? told;
  change({}, 'id');
  go({ screen: 'start' });
}

function wrongOf(error: unknown): Wrong {
  if (!(error instanceof ApiError)) return { part: 'all', words: 'Something went wrong on this page. Reload it and try again; nothing is lost.' };
  const member = error.member?.toLowerCase() ?? '';
  const part = ['picture', 'source', 'name'].includes(member) ? 'picture' : /^target ?text$/.test(member) ? 'text' : member ? 'options' : 'all';
  return { part, words: error.detail };
}
