import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { addGithubNpm } from '../../../src/io/npmrc.ts';
import type { Input } from '../parser.ts';
import { parser } from '../parser.ts';

const LINE = `//npm.pkg.github.com/:_authToken=\${GITHUB_TOKEN}`;
const VALID = [
  ...[
    '',
    'registry=https://npm-js.example.com/\n',
    '@acme:registry=https://npm.pkg.github.com\r\n',
  ],
  ...[
    `${LINE}\n`,
    '  //npm.pkg.github.com/:_auth = YTpi\n',
    '; //npm.pkg.github.com/:_authToken=x',
  ],
  ...['//npm.pkg.github.com/:_password=x\nalways-auth=true', '//npm.pkg.github.com/:username=me\n'],
];

async function withFile({ folder, bytes }: Pick<Input, 'folder' | 'bytes'>) {
  const path = join(folder, '.npmrc');
  writeFileSync(path, bytes);
  const result = await addGithubNpm(folder, { uid: process.getuid?.() ?? 0 }, Date.now);
  return { ...result, after: readFileSync(path) };
}

/** As npm reads it: `=` ends a name, white space around it is none of it. */
function namesIn(text: string): string[] {
  return text.split(/[\r\n]+/).map((line) => line.split('=')[0]?.trim() ?? '');
}
const isToken = (name: string) =>
  /^\/\/npm\.pkg\.github\.com\/:_(?:authToken|auth|password)$/.test(name);

export const NPMRC = parser<null>({
  name: 'npmrc',
  valid: fc.constantFrom(...VALID),
  around: [['//npm.pkg.github.com/', '=x\n']],
  extra: fc.constant(null),
  read: (input) => withFile(input),
  properties: {
    'what stood there stands there still, byte for byte, and first': async (input) => {
      const { after, changed, problems } = await withFile(input);
      assert.ok(after.subarray(0, input.bytes.length).equals(input.bytes));
      if (!changed) return assert.equal(after.length, input.bytes.length);
      const added = after.subarray(input.bytes.length).toString();
      assert.match(added.replace(LINE, ''), /^(?:\r?\n)?\r?\n$/);
      assert.deepEqual(problems, []);
    },
    'what is no text is left alone, and said': async (input) => {
      if (isUtf8(input.bytes)) return;
      const { changed, problems } = await withFile(input);
      assert.deepEqual(
        [changed, problems.map(({ code }) => code)],
        [false, ['NPMRC_NOT_WRITABLE']],
      );
    },
    'npm finds a token for that registry, and one line more at most': async (input) => {
      const { after, changed } = await withFile(input);
      const [before, now] = [input.text, after.toString()].map((text) =>
        namesIn(text).filter(isToken),
      );
      if (changed) assert.deepEqual(now, [...(before ?? []), '//npm.pkg.github.com/:_authToken']);
      else if (isUtf8(input.bytes))
        assert.ok((now?.length ?? 0) > 0 || /[\u2028\u2029]/.test(input.text));
    },
    'a second time changes nothing, and nothing else is left in the home': async (input) => {
      await withFile(input);
      assert.equal(
        (await addGithubNpm(input.folder, { uid: process.getuid?.() ?? 0 }, Date.now)).changed,
        false,
      );
      assert.deepEqual([...readdirSync(input.folder)], ['.npmrc']);
    },
    'a home without one gets one, that nobody else can read': async ({ folder }) => {
      assert.ok(!existsSync(join(folder, '.npmrc')));
      assert.equal(
        (await addGithubNpm(folder, { uid: process.getuid?.() ?? 0 }, Date.now)).changed,
        true,
      );
      assert.equal(readFileSync(join(folder, '.npmrc'), 'utf8'), `${LINE}\n`);
    },
  },
});
