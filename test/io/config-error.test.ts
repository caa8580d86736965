import { expect, test } from '@jest/globals';
import { fileError } from '../../src/io/place/config-error.ts';

test.each([
  ['EBUSY', 'mount the directory /srv/FILES/DIR instead of the file'],
  ['LOCKED', 'remove config.json.lock beside it'],
])('a path goes into the fix of %s as it is, whatever its name', (code, words) => {
  const { problem } = fileError('CONFIG_NOT_WRITABLE', { code }, '/srv/FILES/DIR/config.json');
  expect(problem.fix).toContain(words);
});
