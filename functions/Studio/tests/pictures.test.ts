import { randomOf } from './browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { Queue } from '../src/pictures/queue';
import { readSettings } from '../src/pictures/pngText';

const chunk = (type: string, data: Uint8Array) => {
  const all = Buffer.alloc(12 + data.length);
  all.writeUInt32BE(data.length, 0);
  all.write(type, 4, 'latin1');
  all.set(data, 8);
  all.writeUInt32BE(crc32(all.subarray(4, 8 + data.length)), 8 + data.length);
  return all;
};
const png = (...chunks: Buffer[]) => new Blob([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk('IHDR', Buffer.alloc(13)), ...chunks, chunk('IEND', Buffer.alloc(0))]);
const itxt = (text: Buffer, compressed = 0, keyword = 'imagic', language = 'zxx') =>
  chunk('iTXt', Buffer.concat([Buffer.from(`${keyword}\0`, 'latin1'), Buffer.from([compressed, 0]), Buffer.from(`${language}\0\0`), text]));
const jsonOf = (value: unknown) => Buffer.from(JSON.stringify(value));

// As PictureSettings.ToJson writes it.
const written = {
  schema: 1, targetText: 'ä cat', model: 'm', size: { width: 96, height: 64 },
  settings: {
    profile: 'p', seed: 0, latent: 'mean', optimize: { steps: 5, learningRate: 0.001, batch: 2, earlyStop: 0.02, accumulate: 1 },
    fineTune: { tuning: 'lora', rank: 4, steps: 3 }, etas: [0.6], blends: [1], seeds: [1], guidance: 2.5, steps: 7, scheduler: 'ddim', sampleBatch: 8,
    superResolution: { fineTune: { steps: 2 }, noiseLevel: 250, variance: 'fixed_small' },
  },
  tuned: { targetText: 'a dog', negativeText: '' },
  picture: { seed: 1, eta: 0.6, blend: 1 },
};
const { schema: _, picture: __, ...told } = written;

test('A picture tells its settings, plain and compressed, wherever its chunk is', async () => {
  const json = jsonOf(written);
  const others = [chunk('tEXt', Buffer.from('imagic\0{}')), itxt(jsonOf({}), 0, 'imagic2'), itxt(jsonOf({}), 0, 'XML:com.adobe.xmp'), chunk('IDAT', Buffer.alloc(99))];
  assert.deepEqual(await readSettings(png(...others, itxt(json))), told);
  assert.deepEqual(await readSettings(png(itxt(deflateSync(json), 1), ...others)), told);
  // The first one counts.
  assert.equal((await readSettings(png(itxt(json), itxt(jsonOf({ ...written, model: 'other' })))))!.model, 'm');
});

test('What the service would not take is left out', async () => {
  const odd = { ...written, size: { width: '9' }, tuned: 'x', settings: { steps: '7', etas: [1, null], seeds: Array(300).fill(1), optimize: { batch: 2, more: 1 }, webhook: 'http://evil', __proto__: 1 } };
  assert.deepEqual(await readSettings(png(itxt(jsonOf(odd)))), { targetText: 'ä cat', model: 'm', settings: { optimize: { batch: 2 } } });
});

test('Bytes from anywhere tell nothing and throw nothing', async () => {
  const json = jsonOf(written);
  const bad = [
    new Blob([]), new Blob(['GIF89a']), png(), png(itxt(Buffer.from('{'))), png(itxt(Buffer.from('null'))), png(itxt(Buffer.from([0xff, 0xfe]))),
    png(itxt(jsonOf({ ...written, schema: 2 }))), png(itxt(json, 1)), png(itxt(json, 7)), png(itxt(deflateSync(Buffer.alloc(1 << 28)), 1)),
    png(itxt(Buffer.alloc(300 << 10, 0x20))), png(chunk('iTXt', Buffer.from('imagic\0'))), png(chunk('IEND', Buffer.alloc(0)), itxt(json)),
  ];
  for (const blob of bad) assert.equal(await readSettings(blob), null);
});

test('Truncated or changed, a picture tells all or nothing', async () => {
  const whole = Buffer.from(await png(chunk('IDAT', Buffer.alloc(40)), itxt(deflateSync(jsonOf(written)), 1)).arrayBuffer());
  const [end, random] = [whole.length - 12, randomOf(7)];
  for (let i = 0; i < 300; i++) {
    const cut = random(end);
    assert.equal(await readSettings(new Blob([whole.subarray(0, cut)])), null, `cut at ${cut}`);
  }

  for (let i = 0; i < 1000; i++) {
    const changed = Buffer.from(whole);
    for (let n = random(4); n >= 0; n--) changed[8 + random(end - 8)] = random(256);
    const read = await readSettings(new Blob([changed]));
    assert.ok(read === null || typeof read.targetText === 'string');
  }
});

test('Few things run at a time, and what was given up makes room', async () => {
  const queue = new Queue(2);
  const ends: (() => void)[] = [];
  const begun: string[] = [];
  const work = (name: string, signal?: AbortSignal) => queue.run(() => { begun.push(name); return new Promise<void>(resolve => ends.push(resolve)); }, signal);
  const stop = new AbortController();
  void work('a');
  void work('b');
  const given = work('c', stop.signal);
  void work('d', new AbortController().signal);
  void work('e'); // Nobody can take it back: before the others.
  stop.abort();
  await assert.rejects(given, { name: 'AbortError' });
  for (const end of ends) end();
  await new Promise(setImmediate);
  assert.deepEqual(begun, ['a', 'b', 'e', 'd']);
});
