import './browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { across, cellsOf, describe, neighbours, next, suggestedOf, tableOf } from '../src/choose/cells';
import { passesOf } from '../src/api/cost';
import { costOf, finer, newSeeds, strengthsIn } from '../src/choose/cost';
import { csharpOf } from '../src/choose/csharp';
import { curlOf } from '../src/choose/curl';
import { boxOf, fit, halves, panBy, Whole, zoomAt } from '../src/choose/zoom';
import { fileNameOf, slug } from '../src/pictures/names';
import type { EditView } from '../src/api/types';

const view = {
  editId: 'e-1', model: 'emoji-64', from: undefined, withheld: [], stages: [{ stage: 'sample', seconds: 30 }], cost: { used: 3180, allowed: 38400 },
  source: { name: 'tickets/12/my "cat".png' },
  settings: {
    targetText: "it's \u2028 a \"cat\"", negativeText: '', profile: 'emoji-64', seed: 0, latent: 'mean', suggested: { eta: 1.2, blend: 0.4 },
    optimize: { steps: 80, learningRate: 0.005, batch: 4, earlyStop: { window: 50, minImprovement: 0.02 } },
    fineTune: { steps: 60, learningRate: 5e-5, batch: 4, tuning: 'kv' },
    sample: { seeds: [1, 2, 3], etas: [0.6, 0.8, 1, 1.2], blends: [1, 0.4], guidance: 2.5, steps: 25, scheduler: 'dpmSolverMultistep', batch: 8 },
  },
} as unknown as EditView;

const names = [1, 2, 3].flatMap(seed => ['0.00', '0.60', '1.20'].flatMap(eta => ['1.00', '0.40'].map(blend => `pictures/seed${seed}-eta${eta}-blend${blend}.png`)));

const all = (list: string[], withheld: string[] = [], drafts: string[] = []) => cellsOf({ files: list.map(name => ({ name })), drafts }, withheld);

test('Pictures come by their axes, whatever else there is', () => {
  const cells = all([...names, 'source.png', 'pictures/seed1-eta0.60-blend1.00-small.png', 'pictures/seed-3-eta-0.50-blend1.00.png']);
  assert.deepEqual([cells.seed, cells.row({ seed: 1, blend: 1 }).map(cell => cell.eta), cells.blend], [[-3, 1, 2, 3], [0, 0.6, 1.2], [1, 0.4]]);
  assert.equal(cells.all.length, 19);
});

test('The suggested one is shown first, or one that may be shown', () => {
  const withheld = 'pictures/seed1-eta1.20-blend0.40.png';
  assert.equal(suggestedOf(all(names), ['pictures/seed3-eta1.20-blend0.40.png'])!.seed, 3);
  const cells = all(names.filter(name => name !== withheld), [withheld, 'edited.png']);
  assert.equal(suggestedOf(cells, [])!.withheld, false);
  assert.deepEqual(neighbours(cells, cells.at({ seed: 1, eta: 0.6, blend: 0.4 })!).map(cell => cell.name).sort(), [
    'pictures/seed1-eta0.00-blend0.40.png', 'pictures/seed1-eta0.60-blend1.00.png', 'pictures/seed2-eta0.60-blend0.40.png']);
});

test('A step at an end stays', () => {
  const cells = all(names);
  const place = { seed: 3, eta: 1.2, blend: 1 };
  assert.equal(next(cells, place, 'eta', 1), place);
  assert.equal(next(cells, place, 'blend', 1), cells.at({ ...place, blend: 0.4 }));
  assert.equal(describe(place, cells), 'Version 3, strength 1.20, closest to the photo');
});

test('Versions with strengths of their own are gone through place by place', () => {
  const [weak, strong, other, last] = ['seed1-eta0.31', 'seed1-eta0.80', 'seed2-eta0.44', 'seed1-eta1.20'].map(stem => `pictures/${stem}-blend1.00.png`) as [string, string, string, string];
  const cells = all(['pictures/seed1-eta0.00-blend1.00.png', weak, strong, other, last], [], [strong]);
  assert.deepEqual(cells.row({ seed: 1, blend: 1 }).map(cell => cell.eta), [0, 0.31, 0.8, 1.2]);
  assert.equal(across(cells, { seed: 2, eta: 0.44, blend: 1 }, { seed: 1, blend: 1 })!.eta, 0);
  assert.equal((next(cells, { seed: 1, eta: 1.2, blend: 1 }, 'seed', 1)).eta, 0.44);
  assert.equal(describe({ seed: 1, eta: 0.8, blend: 1 }, cells), 'Version 1, strength 0.80, a draft');
  const table = tableOf(cells, cells.all, true);
  assert.deepEqual(table.columns, ['photo', '1', '2', '3']);
  assert.deepEqual(table.rows.map(row => row.cells.map(cell => cell?.eta)), [[0, 0.31, 0.8, 1.2], [undefined, 0.44, undefined, undefined]]);
  assert.deepEqual(tableOf(all(names), all(names).all, false).columns, ['photo', '0.60', '1.20']);
});

test('What is under the pointer stays there while it zooms', () => {
  const [picture, pane, point] = [{ width: 64, height: 64 }, { width: 900, height: 600 }, { x: 400, y: 200 }];
  const under = (box: { left: number; top: number; width: number; height: number }) => [(point.x - box.left) / box.width, (point.y - box.top) / box.height];
  const zoomed = zoomAt(Whole, 3, point, picture, pane);
  const [before, after] = [under(boxOf(Whole, picture, pane)), under(boxOf(zoomed, picture, pane))];
  for (const i of [0, 1]) assert.ok(Math.abs(before[i]! - after[i]!) < 1e-9);
  assert.equal(fit(picture, pane), 600 / 64);
});

test('No way of moving leaves a gap, and the whole picture stays in the middle', () => {
  const [picture, pane] = [{ width: 300, height: 200 }, { width: 600, height: 600 }];
  const still = panBy(Whole, 500, -500, picture, pane);
  assert.ok(still.zoom === 1 && still.x === 0 && still.y === 0);
  const box = boxOf(panBy(zoomAt(Whole, 4, { x: 0, y: 0 }, picture, pane), 1e6, -1e6, picture, pane), picture, pane);
  assert.ok(Math.abs(box.left) < 1e-6 && Math.abs(box.top + box.height - pane.height) < 1e-6);
  assert.equal(zoomAt(Whole, 0.1, { x: 1, y: 1 }, picture, pane).zoom, 1);
  assert.equal(halves(picture, { width: 600, height: 900 }, 8).column, true);
  assert.equal(halves(picture, { width: 1600, height: 600 }, 8).column, false);
});

test('More pictures cost what the service counts', () => {
  // 30 pictures of 25 steps twice, and 3 passes for each of 560 noises: as EditCost.Of has it.
  assert.deepEqual(costOf(view, view.settings.sample), { pictures: 30, passes: 1500, seconds: 30 });
  assert.deepEqual(costOf(view, { seeds: [4, 5, 5], etas: [0, 0.5], blends: [1] }), { pictures: 4, passes: 200, seconds: 4 });
  assert.equal(costOf({ ...view, cost: { used: 2 * 3180 } }, view.settings.sample).passes, 3000);
  // A draft of 8 steps twice and six passes for three looks, 8 of each version and one of the text alone; then 4 in full.
  assert.deepEqual(passesOf({ ...view.settings, sample: { ...view.settings.sample, blends: [0.4], search: { renders: 8, steps: 8 } } }).sample, 25 * 22 + 4 * 50);
  assert.deepEqual(newSeeds([1, 2, 7], 2), [8, 9]);
  assert.deepEqual(finer([0.6, 1], 0.6), [0.15, 0.3, 0.45, 0.7, 0.8, 0.9]);
  assert.deepEqual(['0.6, 0.8', '0.6;0.6 1', '-1', '4', 'x', ' '].map(text => strengthsIn(text)), [[0.6, 0.8], [0.6, 1], [-1], null, null, null]);
  assert.deepEqual(['1', '1.1'].map(text => strengthsIn(text, 1)), [[1], null]);
});

test('A file is called like its sentence', () => {
  assert.equal(fileNameOf('Ein  böser Blick / "3D"!', { seed: 2, eta: 0.8, blend: 1 }, 1), 'ein-böser-blick-3d-version-2-strength-0.80.png');
  assert.equal(fileNameOf('...', { seed: 1, eta: 1, blend: 0.4 }, 2), 'edit-version-1-strength-1.00-freedom-0.60.png');
  assert.ok(slug('word '.repeat(99)).length <= 60);
});

test('Nothing of a sentence gets out of its quotes', () => {
  const curl = curlOf(view, 'http://x', true);
  assert.ok(curl.includes(`--form-string 'targetText=it'\\''s \u2028 a "cat"'`));
  assert.ok(curl.includes(`-F 'picture=@"my \\"cat\\".png"'`));
  assert.ok(curl.includes('"earlyStop":0.02') && curl.includes('$IMAGIC_KEY'));
  const csharp = csharpOf(view, 'http://x', false);
  assert.ok(csharp.includes(String.raw`TargetText = "it's \u2028 a \"cat\""`));
  assert.ok(csharp.includes('Tuning = Tuning.KeysAndValues') && csharp.includes('SchedulerType.DpmSolverMultistep') && csharp.includes('EarlyStop = 0.02'));
  assert.ok(curlOf({ ...view, from: 'a-1' }, 'http://x', false).includes('/api/edits/a-1/samples'));
});
