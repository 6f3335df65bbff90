import './browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOf, refusal, uploadName, workingSize } from '../src/start/picture';
import { planOf, problemOf, quick, seedsFor, strengthsOf, textProblem, thorough, trimmed, unseen, withoutRecipe } from '../src/start/plan';
import type { Models, Settings } from '../src/api/types';

test('The working size is the service’s', () => {
  // As FramingTests have it.
  for (const [width, height, side, multiple, ...expected] of [
    [512, 512, 512, 8, 512, 512], [4032, 3024, 512, 8, 592, 440], [3024, 4032, 512, 64, 448, 576], [64, 64, 512, 32, 512, 512], [1600, 100, 64, 32, 256, 32],
  ] as const) assert.deepEqual(Object.values(workingSize({ width, height }, side, multiple)), expected);
});

test('Files are what their bytes say', () => {
  const of = (text: string) => formatOf(Buffer.from(text, 'latin1'));
  assert.deepEqual(['\xff\xd8\xff\xe0', '\x89PNG\r\n\x1a\n', 'RIFF____WEBPVP8 ', 'RIFF____WAVEfmt ', 'GIF89a', 'II*\0', 'MM\0*', 'BM', '<svg', ''].map(of),
    ['jpg', 'png', 'webp', null, 'gif', 'tif', 'tif', 'bmp', null, null]);
  assert.deepEqual(['C:\\x\\me & "you".jpeg', '..', '日本.heic', 'a'.repeat(200)].map(name => uploadName(name, 'png')), ['me  you.png', 'picture.png', '日本.png', `${'a'.repeat(80)}.png`]);
});

test('What the service would refuse is refused here, with the reason', () => {
  const size = (width: number, height: number) => refusal(1e6, { width, height });
  assert.deepEqual([size(16, 16), size(256, 16), size(16_384, 1024), size(8000, 6500), refusal(64 << 20, null)], [null, null, null, null, null]);
  assert.match(size(15, 16)!, /too small/);
  assert.match(size(273, 16)!.concat(size(17, 300)!), /too narrow.*too narrow/s);
  assert.match(size(16_385, 2000)!.concat(size(8001, 6500)!), /too large.*too large/s);
  assert.match(refusal(0, null)!, /empty/);
  assert.match(refusal(2e6, null, 1e6)!, /2\.0 MB, and 1\.0 MB are the most/);
});

const settings = {
  targetText: '', negativeText: '', profile: 'p', seed: 0, latent: 'mean', suggested: { eta: 1, blend: 1 },
  optimize: { steps: 10, learningRate: 1, batch: 2 }, fineTune: { steps: 5, learningRate: 1, batch: 1 },
  sample: { seeds: [1, 2], etas: [0.5], blends: [1], guidance: 3, steps: 7, scheduler: 'ddim', batch: 8 },
} as Settings;
const cascade = { ...settings, superResolution: { fineTune: { steps: 4, learningRate: 1, batch: 1 }, guidance: 4, steps: 6 } };
const models: Models = {
  models: [{ name: 'a', isDefault: false, profile: 'p', side: 64, examples: [] }, { name: 'b', isDefault: true, profile: 'c', side: 32, examples: [] }],
  profiles: [{ name: 'p', source: '', settings, side: 64 }, { name: 'c', source: '', settings: cascade, side: 32 }],
  limits: { pictures: 8, textLength: 20, uploadBytes: 1, passes: 600 },
};

test('A plan costs what EditCost says of it', () => {
  const passes = (over = {}, model = 'a', size?: { width: number; height: number }) => planOf(models, { model, settings: over, ...(size && { size }) })!.passes;
  assert.equal(passes(), 131);
  assert.equal(passes({}, 'a', { width: 32, height: 64 }), 131 / 2);
  assert.equal(passes({}, 'b'), 131 + 12 + 48);
  assert.equal(passes({}, 'of another service'), 131 + 12 + 48);
  assert.equal(passes({ profile: 'c' }), 131 + 12 + 48);
  assert.equal(passes({ optimize: { steps: 1 }, seeds: [9], etas: [], steps: 2, guidance: 1 }), 3 * (2 + 5) + 2);
  // A batch of the first model is the second one's, too.
  // As EditCostTests have other methods; what only learning has goes with it.
  assert.equal(passes({ ...quick({ optimize: { steps: 9 }, search: {}, blends: [1] }), steps: 10, etas: [0.4, 1] }), 2 * (1 + 4 + 10) * 2);
  assert.equal(passes({ method: 'ddib', steps: 10, etas: [1] }), 10 + 2 * 10 * 2);
  assert.deepEqual(planOf(models, { model: 'a', settings: quick({ etas: [1.2] }) })!.etas, [0.5, 0.6, 0.7, 0.8, 0.9]);
  assert.deepEqual(thorough(quick({})), { search: {} });
  // As a picture brings it along; and halves are rounded as the service does.
  assert.deepEqual(thorough({ method: 'sdedit', etas: [0.5], blends: [0], seeds: [1] }), { search: {}, seeds: [1] });
  assert.equal(passes({ method: 'sdedit', seeds: [1], steps: 25, etas: [0.5, 0.7, 0.9] }), (1 + 12 + 18 + 22) * 2);
  assert.equal(passes({ fineTune: { batch: 3 }, superResolution: { steps: 1 } }, 'b'), 3 * (20 + 15 + 12) + 4 * (7 * 2 + 1 * 2));
});

test('What one edit may not have is said before it is sent', () => {
  const problem = (over: object) => problemOf(planOf(models, { model: 'a', settings: over })!, models.limits);
  assert.equal(problem({}), null);
  assert.match(problem({ etas: [] })!, /at least one strength/);
  assert.match(problem({ seeds: [1, 2, 3] , etas: [0.1, 0.2] })!, /9 pictures, and 8/);
  assert.match(problem({ optimize: { steps: 1000 } })!, /more work/);
  assert.deepEqual(['', ' \u200b\u2800', 'ok', 'x'.repeat(20)].map(text => textProblem(text, 20) === null), [false, false, true, true]);
  assert.match(textProblem('x'.repeat(21), 20)!, /21 characters, and 20/);
});

test('Choosing keeps what somebody brought along, and only that', () => {
  assert.deepEqual([seedsFor(3, [7]), seedsFor(1, [7, 8]), seedsFor(3, [2])], [[7, 1, 2], [7], [2, 1, 3]]);
  assert.deepEqual(strengthsOf(planOf(models, { model: 'a', settings: { etas: [0.55, 0] } })!), [0.2, 0.4, 0.5, 0.55, 0.6, 0.8, 1, 1.2, 1.4]);
  const over = { profile: 'p', negativeText: '', seed: 0, seeds: [1], etas: [1], optimize: { steps: 3 }, fineTune: { steps: 4 }, guidance: 2, scheduler: 'ddim' };
  assert.deepEqual(withoutRecipe(over), { negativeText: '', seed: 0, seeds: [1] });
  assert.deepEqual(unseen(over), ['7 steps of learning', 'guidance 2', 'ddim']);
  assert.deepEqual(unseen(withoutRecipe(over)), []);
  assert.ok(!('negativeText' in trimmed(over)));
});
