import type { Overrides, Size } from '../api/types';

/** What a result picture says of itself, as PictureSettings writes it. */
export interface PictureSettings {
  targetText: string;
  model: string;
  /** Working size, where somebody had asked for one. */
  size?: Size;
  settings: Overrides;
  /** With which texts the photo was learnt, where the picture was made with another sentence afterwards. */
  tuned?: { targetText: string; negativeText: string };
}

const Signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const Keyword = 'imagic';
const MaxFile = 64 << 20;
const MaxText = 256 << 10;

/** Reads the settings that a result carries in the text chunk "imagic" (iTXt); null of any other file. Never throws. */
export async function readSettings(file: Blob): Promise<PictureSettings | null> {
  try {
    if (file.size > MaxFile || !isPng(new Uint8Array(await file.slice(0, 8).arrayBuffer()))) return null;
    const text = await textOf(new Uint8Array(await file.arrayBuffer()));
    return text === null ? null : checked(JSON.parse(text));
  } catch {
    // Bytes from anywhere: whatever is wrong with them, they carry no settings.
    return null;
  }
}

const isPng = (bytes: Uint8Array) => Signature.every((byte, i) => bytes[i] === byte);

// PNG (third edition), 5.3 and 11.3.3: length, type, data, CRC; in iTXt keyword 0, compressed?, method, language 0, keyword again 0, text.
async function textOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  const view = new DataView(bytes.buffer);
  for (let at = 8; at + 12 <= bytes.length;) {
    const [length, type, end] = [view.getUint32(at), ascii(bytes.subarray(at + 4, at + 8)), at + 8 + view.getUint32(at)];
    if (type === 'IEND' || end + 4 > bytes.length) return null;
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'iTXt' && ascii(data.subarray(0, Keyword.length + 1)) === `${Keyword}\0`) return international(data.subarray(Keyword.length + 1));
    at = end + 4;
  }

  return null;
}

async function international(data: Uint8Array<ArrayBuffer>): Promise<string | null> {
  const language = data.indexOf(0, 2);
  const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
  if (translated < 0) return null;
  const text = data.subarray(translated + 1);
  const plain = data[0] === 0 ? text : data[0] === 1 && data[1] === 0 ? await inflated(text) : null;
  return plain && plain.length <= MaxText ? new TextDecoder('utf-8', { fatal: true }).decode(plain) : null;
}

// No more than is looked at: a few bytes can inflate to gigabytes.
async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array | null> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  const all = new Uint8Array(MaxText);
  for (let length = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return all.subarray(0, length);
    if (length + value.length > MaxText) { await reader.cancel(); return null; }
    all.set(value, length);
    length += value.length;
  }
}

const ascii = (bytes: Uint8Array) => String.fromCharCode(...bytes);

function checked(json: unknown): PictureSettings | null {
  if (!isObject(json) || json.schema !== 1 || !isText(json.targetText) || !isText(json.model) || !isObject(json.settings)) return null;
  const { targetText, model, settings, size, tuned } = json;
  return {
    targetText, model, settings: taken(settings, Members),
    ...(isObject(size) && isNumber(size.width) && isNumber(size.height) && { size: { width: size.width, height: size.height } }),
    ...(isObject(tuned) && isText(tuned.targetText) && { tuned: { targetText: tuned.targetText, negativeText: isText(tuned.negativeText) ? tuned.negativeText : '' } }),
  };
}

type Check = (value: unknown) => boolean;
interface Shape { [member: string]: Check | Shape }

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const areNumbers: Check = value => Array.isArray(value) && value.length <= 256 && value.every(isNumber);

const Descent = { steps: isNumber, learningRate: isNumber, batch: isNumber, earlyStop: isNumber, accumulate: isNumber, tuning: isText, rank: isNumber, optimizer: isText };

const Members: Shape = {
  profile: isText, method: isText, negativeText: isText, scheduler: isText, latent: isText,
  seed: isNumber, guidance: isNumber, steps: isNumber, sampleBatch: isNumber,
  etas: areNumbers, blends: areNumbers, seeds: areNumbers,
  search: { renders: isNumber, steps: isNumber, alignment: isNumber },
  optimize: Descent, fineTune: Descent,
  superResolution: { fineTune: Descent, guidance: isNumber, steps: isNumber, noiseLevel: isNumber, variance: isText },
};

// The service refuses members that it does not know, and with them the whole edit.
function taken(from: Record<string, unknown>, shape: Shape): Overrides {
  const result: Record<string, unknown> = {};
  for (const [name, check] of Object.entries(shape)) {
    const value = Object.hasOwn(from, name) ? from[name] : undefined;
    if (typeof check === 'function') { if (check(value)) result[name] = value; }
    else if (isObject(value)) result[name] = taken(value, check);
  }

  return result as Overrides;
}
