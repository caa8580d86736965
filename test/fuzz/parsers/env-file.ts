import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { readEnvFiles } from '../../../src/secrets/sources.ts';
import { CANARY } from '../../support/secrets.ts';
import { triple } from '../../support/triples.ts';
import { parser } from '../parser.ts';

const TEAM = Object.entries(triple('TEAM', 'quay.io/team', 'ada', "it's"));
const VALID = [
  TEAM.map(([name, value]) => `${name}="${value}"\n`).join(''),
  TEAM.map(([name, value]) => `export ${name} = ${value} # of the team\r\n`).join(''),
  '# nothing\n\nA=1\nB="two\nlines"\nC=`x`\nD: 4\nE=\nF=\'#\'\n',
  '\ufeffA=1\n',
];

function readText(folder: string, content: string | Uint8Array) {
  writeFileSync(join(folder, 'team.env'), content, { mode: 0o600 });
  return readEnvFiles(['team.env'], { directory: folder }, process.getuid?.() ?? 0);
}

export const ENV_FILE = parser<null>({
  name: 'env file',
  valid: fc.constantFrom(...VALID),
  around: [
    ['A="', '"\n'],
    ["A='", ''],
    ['export ', '=1\n'],
    ['A=1 #', '\n'],
  ],
  extra: fc.constant(null),
  read: ({ folder, bytes }) => readText(folder, bytes),
  properties: {
    'it is a source of texts, or a problem where it is none itself': ({ folder, bytes }) => {
      const { sources, problems, notices } = readText(folder, bytes);
      const isText = isUtf8(bytes);
      const codes = [...problems, ...notices].map(({ code }) => code);
      const known = isText ? /^ENV_FILE_(?:FORM|VALUE)$/ : /^ENV_FILE_(?:FORM|UNREADABLE)$/;
      assert.deepEqual(
        codes.filter((code) => !known.test(code)),
        [],
      );
      assert.deepEqual([sources.length, problems.length > 0 || isText], [Number(isText), true]);
      for (const { variables, name, file } of sources) {
        assert.deepEqual([name, file], ['team.env', join(folder, 'team.env')]);
        for (const [key, value] of Object.entries(variables)) {
          assert.match(key, /^[\w.-]+$/);
          assert.equal(typeof value, 'string');
        }
      }
    },
    'dotenv reads the same, where no # is in it': ({ folder, text }) => {
      const alike = text.replace(/[^ -~\n]|#|REGISTRY/g, '').replace(/^([\w.-]+):\s*$/gm, '$1');
      const [source] = readText(folder, alike).sources;
      // What dotenv does with a name and a value on two lines is its own.
      if (/[=:]\s*$|^\s*=|^\s*export\s*$/m.test(alike)) return;
      assert.deepEqual({ ...source?.variables }, parse(alike));
    },
    'no variable of it gets into the process': ({ folder, text }) => {
      const before = { ...process.env };
      readText(folder, `FUZZ_MARK=1\n${text}`);
      assert.deepEqual({ ...process.env }, before);
    },
    'a line is read alike, whatever comes after it': ({ folder, text }) => {
      const [source] = readText(folder, `FUZZ_MARK='${CANARY}'\n${text}`).sources;
      assert.equal(source?.variables.FUZZ_MARK, CANARY);
    },
    'a value in quotes comes back as it was': ({ folder, text }) => {
      // In single quotes nothing means anything, but the quote itself, line ends and half pairs.
      const value = Buffer.from(text).toString().replace(/['\r]/g, '');
      const [source] = readText(folder, `FUZZ_MARK='${value}'\nLAST=1\n`).sources;
      assert.equal(source?.variables.FUZZ_MARK, value);
      assert.equal(source?.variables.LAST, '1');
    },
    'nothing that is said holds a value': ({ folder, bytes }) => {
      const all = Buffer.concat([Buffer.from(`${CANARY}\nA=${CANARY}\n`), bytes]);
      const { problems, notices } = readText(folder, all);
      assert.ok(!JSON.stringify([problems, notices]).includes('canary'));
    },
  },
});
