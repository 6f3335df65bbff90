import type { EditFiles } from './EditFiles';

// Each is some kilobytes.
const Most = 2000;

const urls = new Map<string, string>();

export interface Small { url: string; isCrisp: boolean }

/** A small copy of a picture, of at most `side` pixels. Hundreds of whole ones would be decoded at every scroll. */
export async function thumbnail(files: EditFiles, name: string, side: number, signal: AbortSignal): Promise<Small> {
  const id = `${files.editId} ${name} ${side}`;
  const known = urls.get(id);
  if (known) return { url: known, isCrisp: false };
  const png = await files.blob(name, signal);
  const size = await sizeFor(png, side);
  if (!size) return { url: await files.url(name, signal), isCrisp: true };
  const url = URL.createObjectURL(await shrink(png, size));
  urls.set(id, url);
  for (const [oldest, old] of urls) {
    if (urls.size <= Most) break;
    urls.delete(oldest);
    URL.revokeObjectURL(old);
  }

  return { url, isCrisp: false };
}

// Decoded and made small in one go, off the page's own thread. A bitmap on a canvas of its own in the page would be a
// layer of its own, too: 200 of them stutter.
async function shrink(png: Blob, { width, height }: { width: number; height: number }): Promise<Blob> {
  const bitmap = await createImageBitmap(png, { resizeWidth: width, resizeHeight: height, resizeQuality: 'medium' });
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('bitmaprenderer')!.transferFromImageBitmap(bitmap);
  return canvas.convertToBlob({ type: 'image/webp', quality: 0.85 });
}

/** Null where it is small as it is. */
async function sizeFor(png: Blob, side: number): Promise<{ width: number; height: number } | null> {
  const header = new DataView(await png.slice(16, 24).arrayBuffer());
  const [width, height] = [header.getUint32(0), header.getUint32(4)];
  const share = side / Math.max(width, height);
  return share >= 1 ? null : { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
}
