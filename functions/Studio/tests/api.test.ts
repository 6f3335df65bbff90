import { randomOf } from './browser';
import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import { ApiError } from '../src/api/ApiError';
import { allPassesOf, passesOf, type Work } from '../src/api/cost';
import { EventReader } from '../src/api/eventReader';
import { send, tell, trouble } from '../src/api/http';
import { keyQuestion } from '../src/api/key';
import { newEditId } from '../src/api/client';

test('Events come the same however the stream is cut', () => {
  const stream = ': hello\r\nretry: 2000\r\n\r\nid: 7\r\nevent: edit\r\ndata: {"a":\r\ndata:  1}\r\n\r\nevent: gone\rdata\r\rdata: last\nid\n\n';
  const expected = [{ id: '7', type: 'edit', data: '{"a":\n 1}' }, { id: '7', type: 'gone', data: '' }, { id: '', type: 'message', data: 'last' }];
  const random = randomOf(3);
  for (let run = 0; run < 200; run++) {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < stream.length;) {
      const length = 1 + random(run % 40 + 1);
      events.push(...reader.read(stream.slice(at, at + length)));
      at += length;
    }

    assert.deepEqual(events, expected);
  }

  assert.deepEqual(new EventReader().read('data: not yet\n'), []);
});

// As EditCostTests have it.
const small: Work = { optimize: { steps: 10, batch: 2 }, fineTune: { steps: 5, batch: 1 }, sample: { seeds: [1, 2], etas: [0.5], blends: [1], guidance: 3, steps: 7 } };

test('Passes are what the service counts', () => {
  assert.equal(allPassesOf(small), 131);
  assert.equal(allPassesOf({ ...small, sample: { ...small.sample, guidance: 1 } }), 75 + 28);
  assert.equal(allPassesOf({ ...small, superResolution: { fineTune: { steps: 4, batch: 1 }, guidance: 4, steps: 6 } }), 131 + 12 + 48);
  assert.equal(passesOf({ ...small, sample: { ...small.sample, seeds: [1, 1, 2], etas: [0, 0.5, 0.5] } }).sample, 56);
  const paper = { optimize: { steps: 1000, batch: 1 }, fineTune: { steps: 1500, batch: 1 }, sample: { seeds: [1, 2, 3], etas: [0.5, 0.6, 0.7, 0.8, 0.9, 1], blends: [1], guidance: 7.5, steps: 50 } };
  assert.equal(allPassesOf(paper), 3 * 2500 + 21 * 50 * 2);
});

test('Ids sort by time', () => {
  const [first, second] = [newEditId(1_700_000_000_000), newEditId(1_700_000_000_001)];
  assert.ok(first < second);
  assert.match(first, /^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

afterEach(() => mock.reset());

/** Answers the calls in turn; a status, with what it says, or a connection that is lost. */
function answers(...all: ('lost' | number | [number, Record<string, string>])[]): () => number {
  let calls = 0;
  mock.method(globalThis, 'fetch', async () => {
    const next = all[calls++] ?? 599;
    if (next === 'lost') throw new TypeError('fetch failed');
    const [status, headers] = typeof next === 'number' ? [next, {}] : next;
    const body = status === 304 ? null : JSON.stringify({ code: 'some-code', detail: 'In words.' });
    return new Response(body, { status, headers: { 'content-type': 'application/problem+json', ...headers } });
  });
  mock.timers.enable({ apis: ['setTimeout'] });
  return () => calls;
}

const turn = () => new Promise(setImmediate);
async function pass(seconds: number): Promise<void> {
  await turn();
  mock.timers.tick(seconds * 1000);
  await turn();
}

test('A lost connection is tried again, ever more seldom, and at once when it is back', async () => {
  const calls = answers(...Array(8).fill('lost'), 200);
  const call = send('/x');
  for (const seconds of [1, 2, 4, 8, 16, 30]) {
    const before = calls();
    await pass(seconds - 0.001);
    assert.equal(calls(), Math.max(before, 1));
    assert.equal(trouble.value, 'offline');
    await pass(0.001);
    assert.equal(calls(), Math.max(before, 1) + 1);
  }

  for (let i = 0; i < 2; i++) { dispatchEvent(new Event('online')); await turn(); }
  assert.equal((await call).status, 200);
  assert.equal(trouble.value, undefined);
});

test('Who is asked to come again does so when told, five times', async () => {
  const calls = answers(...Array(9).fill([429, { 'retry-after': '7' }]));
  const refused = assert.rejects(send('/x'), (error: ApiError) => error.status === 429 && error.code === 'some-code' && error.retryAfter === 7);
  await pass(6.9);
  assert.equal(calls(), 1);
  assert.deepEqual(trouble.value, { detail: 'In words.' });
  await pass(0.1);
  assert.equal(calls(), 2);
  for (let i = 0; i < 3; i++) await pass(7);
  await refused;
  assert.equal(calls(), 5);
  assert.equal(trouble.value, undefined);
});

test('What is refused is not sent again, and what is given up is not waited for', async () => {
  const calls = answers(404, 'lost');
  await assert.rejects(send('/x'), { message: 'In words.' });
  assert.equal(calls(), 1);
  const stop = new AbortController();
  const given = send('/x', { signal: stop.signal });
  await turn();
  assert.equal(trouble.value, 'offline');
  stop.abort();
  await assert.rejects(given, { name: 'AbortError' });
  assert.equal(trouble.value, undefined);
});

test('The line on the connection stays while another call gets through', async () => {
  answers(200);
  const upload = {};
  tell(upload, 'offline');
  await send('/x');
  assert.equal(trouble.value, 'offline');
  tell(upload, null);
  assert.equal(trouble.value, undefined);
});

test('A key is asked for once, however many calls want it', async () => {
  const calls = answers(401, 401, 200, 200);
  const both = Promise.all([send('/x'), send('/y')]);
  await turn();
  keyQuestion.value!.answer('secret');
  assert.deepEqual((await both).map(answer => answer.status), [200, 200]);
  assert.equal(calls(), 4);
  const headers = (globalThis.fetch as unknown as { mock: { calls: { arguments: [string, RequestInit] }[] } }).mock.calls.map(call => (call.arguments[1].headers as Headers).get('x-functions-key'));
  assert.deepEqual(headers, [null, null, 'secret', 'secret']);
});
