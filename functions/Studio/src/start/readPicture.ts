import type { Size } from '../api/types';
import { formatOf, refusal, uploadName } from './picture';
import { isWhole } from './whole';

/** A picture as it is going to be sent. */
export interface Picture {
  blob: Blob;
  name: string;
  /** Upright pixels; null of what the service reads and the browser cannot show. */
  size: Size | null;
  /** The file's own kind, where the browser has made another of it. */
  convertedFrom?: string;
}

/** The sentence is for whoever chose the file. */
export class PictureError extends Error {}

/** Reads a file that somebody chose; what the browser can read and the service cannot is converted. */
export async function readPicture(file: File, maxBytes?: number): Promise<Picture> {
  if (file.size === 0) throw new PictureError(refusal(0, null)!);
  const format = formatOf(new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  const picture = format
    ? { blob: file as Blob, name: uploadName(file.name, format), size: await sizeOf(file) }
    : await convert(file);
  const why = refusal(picture.blob.size, picture.size, maxBytes);
  if (why) throw new PictureError(why);
  if (format && !isWhole(format, new Uint8Array(await file.arrayBuffer()))) {
    throw new PictureError(`“${file.name}” is cut off: its end is missing. Copy it again, or choose another picture.`);
  }

  // Browsers read TIFF or not; everything else that cannot be shown is broken.
  if (!picture.size && format !== 'tif') throw new PictureError(`“${file.name}” is damaged: it cannot be shown. Choose another picture.`);
  return picture;
}

async function sizeOf(blob: Blob): Promise<Picture['size']> {
  const bitmap = await createImageBitmap(blob).catch(() => null);
  if (!bitmap) return null;
  const size = { width: bitmap.width, height: bitmap.height };
  bitmap.close();
  return size;
}

// AVIF, on Apple HEIC, and what browsers will know one day.
async function convert(file: File): Promise<Picture> {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) {
    throw new PictureError(/\.hei[cf]$/i.test(file.name)
      ? `This browser cannot read “${file.name}”. Export it as JPEG, or open this page in Safari.`
      : `“${file.name}” is not a picture that can be read. Choose a JPEG, PNG, WebP or AVIF.`);
  }

  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const isOpaque = everyAlpha(context, width, height);
  const blob = await canvas.convertToBlob(isOpaque ? { type: 'image/jpeg', quality: 0.95 } : { type: 'image/png' });
  const kind = /\.([a-z0-9]+)$/i.exec(file.name)?.[1] ?? file.type.replace('image/', '');
  return { blob, name: uploadName(file.name, isOpaque ? 'jpg' : 'png'), size: { width, height }, convertedFrom: kind.toUpperCase() };
}

function everyAlpha(context: OffscreenCanvasRenderingContext2D, width: number, height: number): boolean {
  const rows = 64;
  for (let y = 0; y < height; y += rows) {
    const { data } = context.getImageData(0, y, width, Math.min(rows, height - y));
    for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false;
  }

  return true;
}
