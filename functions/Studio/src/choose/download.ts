import { Zip, ZipPassThrough } from 'fflate';
import type { EditFiles } from '../pictures/EditFiles';

export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export interface Packed { name: string; as: string }

/** Puts files into a zip, one after the other, as they are: pictures do not get smaller. */
export async function pack(files: EditFiles, wanted: readonly Packed[], onFile: (done: number) => void, signal: AbortSignal): Promise<Blob> {
  const parts: BlobPart[] = [];
  // It calls back at once: nothing is compressed, so nothing waits.
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    parts.push(chunk as Uint8Array<ArrayBuffer>);
  });
  for (const [i, { name, as }] of wanted.entries()) {
    signal.throwIfAborted();
    const loading = files.blob(name, signal);
    // The next one comes while this one is packed.
    if (wanted[i + 1]) void files.blob(wanted[i + 1]!.name, signal).catch(() => {});
    const entry = new ZipPassThrough(as);
    zip.add(entry);
    const reader = (await loading).stream().getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) entry.push(piece.value);
    entry.push(new Uint8Array(), true);
    // A blob may go to disk, what the page holds may not.
    parts.splice(0, parts.length, new Blob(parts));
    onFile(i + 1);
  }

  zip.end();
  return new Blob(parts, { type: 'application/zip' });
}
