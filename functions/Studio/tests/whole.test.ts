import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWhole } from '../src/start/whole';

const bytes = (...parts: (number | string)[]) => new Uint8Array(parts.flatMap(part => typeof part === 'number' ? [part] : [...part].map(letter => letter.charCodeAt(0))));

const png = bytes(0x89, 'PNG\r\n\x1a\n', 0, 0, 0, 2, 'IDAT', 1, 2, 9, 9, 9, 9, 0, 0, 0, 0, 'IEND', 9, 9, 9, 9);
// A thumbnail inside has an end of its own; coded data has 0xff before 0 and restarts.
const jpeg = bytes(0xff, 0xd8, 0xff, 0xe1, 0, 6, 0xff, 0xd8, 0xff, 0xd9, 0xff, 0xda, 0, 2, 1, 0xff, 0, 2, 0xff, 0xd3, 7, 0xff, 0xff, 0xd9);
const webp = bytes('RIFF', 8, 0, 0, 0, 'WEBP', 1, 2, 3, 4);

for (const [format, file] of [['png', png], ['jpg', jpeg], ['webp', webp]] as const) {
  test(`a ${format} is whole to its last byte, and with more behind it`, () => {
    assert.equal(isWhole(format, file), true);
    assert.equal(isWhole(format, bytes(...file, 0, 0, 0)), true);
    for (let length = 0; length < file.length; length++) assert.equal(isWhole(format, file.slice(0, length)), false, `${length}`);
  });
}
