import './browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches, merged } from '../src/gallery/filter';
import { originWords, staysWords } from '../src/gallery/kin';
import { hrefOf, parse, type Route } from '../src/shell/route';
import { about, age, capital, duration, moment } from '../src/shell/words';
import { pointsOf, withLoss, type Loss } from '../src/watch/lossHistory';
import { linesOf, secondsLeft, secondsSpent, shareOf } from '../src/watch/progress';
import type { EditSummary, EditView } from '../src/api/types';

// 300, 150 and 10 pictures of 5 steps twice: 550 passes.
const edit = (over: object) => ({
  state: 'running', stage: 'finetune', resumes: 0, notices: [],
  settings: {
    optimize: { steps: 50, batch: 2 }, fineTune: { steps: 50, batch: 1 },
    sample: { seeds: [1, 2], etas: [0.2, 0.4, 0.6, 0.8], blends: [1], guidance: 2, steps: 5 },
  },
  stages: [{ stage: 'optimize', done: true, step: 50, seconds: 30 }, { stage: 'finetune', done: false, step: 10, seconds: 4 }, { stage: 'sample', done: false, step: 0, seconds: 0 }],
  progress: { stage: 'finetune', step: 20, steps: 50, stepsPerSecond: 2, secondsLeft: 15 },
  ...over,
}) as unknown as EditView;

test('Each stage tells how far it is, and the whole counts what they compute', () => {
  const view = edit({});
  assert.deepEqual(linesOf(view).map(({ state, share, words }) => [state, share, words]), [['done', 1, ''], ['now', 0.4, 'step 20 of 50'], ['to come', 0, '']]);
  assert.equal(shareOf(view), (300 + 60) / 550);
  assert.equal(shareOf(edit({ state: 'succeeded' })), 1);
  assert.equal(shareOf(edit({ state: 'queued', stages: [], progress: undefined })), 0);
  assert.deepEqual(linesOf(edit({ from: 'other' })).map(line => line.stage), ['sample']);
  // The tuning of a cascade runs beside.
  const large = { ...view.settings, superResolution: { fineTune: { steps: 10, batch: 1 }, guidance: 1, steps: 2 } };
  const beside = linesOf(edit({ settings: large, beside: { stage: 'finetune-sr', step: 5, steps: 10 } }));
  assert.deepEqual(beside.map(line => [line.stage, line.state, line.share]), [['optimize', 'done', 1], ['finetune', 'now', 0.4], ['finetune-sr', 'now', 0.5], ['sample', 'to come', 0]]);
});

test('The time left is that of the stages to come at the speed of now', () => {
  // 50 steps of 3 passes at 2 steps a second: 6 passes a second.
  assert.ok(Math.abs(secondsLeft(edit({}))! - (15 + 100 / 6)) < 1e-9);
  assert.equal(secondsLeft(edit({ state: 'queued' })), null);
  assert.equal(secondsLeft(edit({ progress: { stage: 'finetune', step: 0, steps: 50 } })), null);
  // 10 steps since the checkpoint, which told of 4 s.
  assert.equal(secondsSpent(edit({})), 30 + 4 + 5);
  assert.equal(secondsSpent(edit({ progress: { stage: 'finetune', step: 5, steps: 50, stepsPerSecond: 2 } })), 34);
});

const withStep = (losses: Loss[], step: number, loss: number) => withLoss(losses, edit({ progress: { stage: 'finetune', step, steps: 1000, loss } }));

test('Losses go on after an interruption, and stay few', () => {
  let losses: Loss[] = [{ stage: 'optimize', step: 50, loss: 9 }];
  for (let step = 1; step <= 1000; step++) losses = withStep(losses, step, 1 / step);
  assert.ok(losses.length <= 240 && losses.length > 100);
  assert.deepEqual(losses.at(-1), { stage: 'finetune', step: 1000, loss: 1e-3 });
  assert.equal(withStep(losses, 1000, 1e-3), losses);
  const again = withStep(losses, 500, 7);
  assert.ok(again.length < losses.length && again.every(({ stage, step }) => stage === 'optimize' || step <= 500));
  assert.equal(withLoss(losses, edit({ progress: { stage: 'finetune', step: 5, loss: NaN } })), losses);
  assert.equal(withLoss(losses, edit({ progress: undefined })), losses);
});

test('The line stays in its box, lower where it is closer', () => {
  const losses = [4, 3, 2, 1].map((loss, i) => ({ stage: 'finetune', step: 10 + 10 * i, loss }) as Loss);
  const points = pointsOf(losses, 'finetune', 90, 40).split(' ').map(point => point.split(',').map(Number));
  assert.deepEqual([points.map(([x]) => x), points[0]![1], points.at(-1)![1]], [[0, 30, 60, 90], 0, 40]);
  assert.ok(points.every(([, y], i) => i === 0 || y! > points[i - 1]![1]!));
  assert.equal(pointsOf(losses.slice(0, 1), 'finetune', 90, 40), '');
  assert.match(pointsOf(losses.map(loss => ({ ...loss, loss: 2 })), 'finetune', 90, 40), /^0\.0,20\.0 /);
});

const card = (editId: string, over = {}) => ({ editId, targetText: 'Une photo d’un Café', model: 'emoji-64', state: 'running', ...over }) as EditSummary;

test('A search finds words in any order, without marks and case', () => {
  const found = (search: string) => matches(card('e-1', { batch: { name: 'Weekend' } }), search);
  assert.deepEqual(['', 'cafe PHOTO', 'week', 'e-1', 'ﬁ', 'cafe dog'].map(found), [true, true, true, true, false, false]);
});

test('A page that is told again changes what has changed', () => {
  const [a, b, c] = [card('a'), card('b'), card('c')];
  const now = merged([b, c], [a, card('b'), card('c', { state: 'failed' })], true);
  assert.deepEqual(now.map(edit => [edit.editId, edit.state]), [['a', 'running'], ['b', 'running'], ['c', 'failed']]);
  assert.equal(now[1], b);
  assert.deepEqual(merged([b], [c, b], false).map(edit => edit.editId), ['b', 'c']);
});

test('Of edits of one tuning it is said which come from which', () => {
  const kin = (editId: string, targetText: string, from?: string) => ({ editId, targetText, created: '2020-01-01T00:00:00Z', ...(from && { from }) });
  const first = kin('a', 'a dog');
  const others = [kin('b', 'a dog', 'a'), kin('c', 'a cat', 'a'), kin('d', 'a cat', 'c')];
  assert.equal(originWords(first, undefined), null);
  assert.match(originWords(others[0]!, first)!, /^More pictures of the edit of \d+ years ago$/);
  assert.equal(originWords(others[1]!, first), 'Another sentence on “a dog”');
  assert.equal(originWords(others[1]!, undefined), 'More pictures of an earlier edit');
  assert.equal(staysWords('b', [first, ...others]), '');
  assert.match(staysWords('c', [first, ...others]), /^One edit was made from it and stays, .*: “a cat” \(\d+ years ago\)\.$/);
  assert.match(staysWords('a', [first, ...others]), /^2 edits were made from it and stay, .*“a dog” .*, “a cat” [^“]*$/);
  assert.match(staysWords('a', Array.from({ length: 6 }, (_, i) => kin(`${i}`, 'x', 'a'))), /^6 edits .* and 2 more\.$/);
});

test('Times are said as people say them', () => {
  assert.deepEqual([-1, 0.4, 59.4, 59.6, 599, 601, 5399, 5400, 7260].map(duration), ['0 s', '0 s', '59 s', '1 min 0 s', '9 min 59 s', '10 min', '90 min', '1 h 30 min', '2 h 1 min']);
  assert.deepEqual([3, 11, 50, 54, 100, 5399, 5400].map(about),
    ['a few seconds', 'about 20 seconds', 'about 50 seconds', 'about a minute', 'about 2 minutes', 'about 90 minutes', 'about 2 hours']);
  const now = Date.parse('2026-03-10T12:00:00Z');
  assert.deepEqual(['2026-03-10T12:00:05Z', '2026-03-10T11:58:30Z', '2026-03-09T11:00:00Z', '2026-02-20T00:00:00Z', '2024-03-01T00:00:00Z'].map(from => age(from, now)),
    ['just now', '1 minute ago', 'yesterday', '2 weeks ago', '2 years ago']);
  assert.match(moment('2026-03-10T11:58:30Z', now), /^1 minute ago, \d\d:58$/);
  assert.equal(moment('2024-03-01T00:00:00Z', now), '2 years ago');
  assert.equal(capital('äh so'), 'Äh so');
});

test('An address leads back to where it was taken', () => {
  const all: Route[] = [{ screen: 'start' }, { screen: 'gallery' }, { screen: 'batches' }, { screen: 'batches', name: 'a/b #1 ä%' }, { screen: 'edit', id: 'e.1/x' }];
  for (const route of all) assert.deepEqual(parse(hrefOf(route)), route);
  assert.deepEqual(['', '#', '#/edits', '#/edits/', '#/nothing/x', '#/edits/%zz'].map(parse),
    [...Array(5).fill({ screen: 'start' }), { screen: 'edit', id: '%zz' }]);
});
