import type { Size } from '../api/types';

// The service's own limits beside the size of uploads, which it tells.
const Limits = { pixels: 52_000_000, side: 16_384, aspect: 16 };
const DefaultBytes = 64 * 1024 * 1024;

// Less than this shows nothing that a model could learn.
const Least = 16;

const text = (start: Uint8Array, from: number, length: number) => String.fromCharCode(...start.subarray(from, from + length));

/** The extension of a format that the service reads, of a file's first 16 bytes; null for others. */
export function formatOf(start: Uint8Array): string | null {
  if (start[0] === 0xff && start[1] === 0xd8 && start[2] === 0xff) return 'jpg';
  if (text(start, 0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(start, 0, 4) === 'RIFF' && text(start, 8, 4) === 'WEBP') return 'webp';
  if (text(start, 0, 4) === 'GIF8') return 'gif';
  if (text(start, 0, 4) === 'II*\0' || text(start, 0, 4) === 'MM\0*') return 'tif';
  return text(start, 0, 2) === 'BM' ? 'bmp' : null;
}

/** A name that the service takes: its extension says what the file is, whatever it was called. */
export function uploadName(name: string, extension: string): string {
  const stem = name.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '').replace(/[^\p{L}\p{N} _.-]/gu, '').replace(/^[. ]+/, '').trim().slice(0, 80);
  return `${stem || 'picture'}.${extension}`;
}

/** Why the service would not take a picture, in a sentence; null when it would. */
export function refusal(bytes: number, size: Size | null, maxBytes = DefaultBytes): string | null {
  if (bytes === 0) return 'The file is empty. Choose another picture.';
  if (bytes > maxBytes) return `The file has ${megabytes(bytes)}, and ${megabytes(maxBytes)} are the most. Save it smaller, or choose another.`;
  if (!size) return null;
  const { width, height } = size;
  const [longer, shorter] = [Math.max(width, height), Math.min(width, height)];
  const is = `The picture is ${width} × ${height} pixels`;
  if (shorter < Least) return `${is}, which is too small to edit. Choose a larger one.`;
  if (longer > Limits.side || width * height > Limits.pixels) return `${is}, which is too large: ${Limits.pixels / 1e6} megapixels are the most. Scale it down first.`;
  if (longer > shorter * Limits.aspect) return `${is}, which is too narrow. Crop it first.`;
  return null;
}

/** The size that a model works at, as Framing.Fit finds it: the area of its own square, the picture's aspect, sides of whole multiples. */
export function workingSize({ width, height }: Size, side: number, multiple = 8): Size {
  const scale = side / Math.sqrt(width * height);
  const round = (pixels: number) => Math.max(Math.round(pixels / multiple), 1) * multiple;
  return { width: round(width * scale), height: round(height * scale) };
}

export function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
