import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { transform } from 'esbuild';
import { LIB } from '../support/built.ts';
import { testWith } from '../support/needs.ts';
import { type Finished, run } from '../support/run.ts';

const START = join(LIB, 'start.cjs');
const TOO_OLD = { status: 65, stdout: '', stderr: '' };

/** What start.cjs says in a Node that says this of its version. */
function startIn(version: string): Promise<Finished> {
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`;
  const words = ['--', START, 'registry-auth', '--version'];
  return run(process.execPath, ['-e', `${pretend}; require('${START}')`, ...words]);
}

test.each(['6.17.1', '16.20.2', '18.20.8', '20.0.0', '20.11.1', '21.0.0', '21.6.2'])(
  'Node %s is too old, and nothing is done in it',
  async (version) => {
    expect(await startIn(version)).toEqual(TOO_OLD);
  },
);

test.each(['20.12.0', '20.20.2', '21.7.0', '22.0.0', '24.9.0', '100.0.0', '27.0.0-nightly2026'])(
  'Node %s will do',
  async (version) => {
    expect(await startIn(version)).toMatchObject({ status: 0, stderr: '' });
  },
);

test('without a word it says where its Node is', async () => {
  expect(await run(process.execPath, ['--', START])).toEqual({
    status: 0,
    stdout: `${process.execPath}\n`,
    stderr: '',
  });
});

/** A real one, which a fake cannot stand for: it must be able to read start.cjs at all. */
const { OLD_NODE = '' } = process.env;
const OLD = { missing: OLD_NODE ? undefined : 'OLD_NODE names no Node before 20.12' };

testWith([OLD], 'a real old Node is too old', async () => {
  const words = ['--', START, 'registry-auth', 'hook', 'postStart'];
  expect(await run(OLD_NODE, words)).toEqual(TOO_OLD);
});

test('a Node as old as 6 can read it', async () => {
  const text = readFileSync(START, 'utf8');
  const old = await transform(text, { target: 'node6.17' });
  expect(old).toEqual(await transform(text, { target: 'esnext' }));
  expect(text).not.toContain('node:');
});
