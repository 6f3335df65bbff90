import { newEditId } from '../api/client';
import type { SampleRequest } from '../api/types';
import { keep, recall } from '../shell/storage';

const nameOf = (editId: string) => `imagic-sample/${editId}`;

/**
 * The key under which a request is sent, kept until the request was accepted: asked again after a lost answer or a
 * reload, the same request gets the same edit and not a second one. Another request has another key.
 */
export function keyFor(editId: string, request: SampleRequest): string {
  const text = JSON.stringify(request);
  const known = recall('sessionStorage', nameOf(editId)) as { text: string; key: string } | null;
  if (known?.text === text && typeof known.key === 'string') return known.key;
  const key = newEditId();
  keep('sessionStorage', nameOf(editId), { text, key });
  return key;
}

export const accepted = (editId: string) => keep('sessionStorage', nameOf(editId), null);
