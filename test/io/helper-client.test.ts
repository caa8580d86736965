import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { askHelper } from '../../src/io/helper-client.ts';
import { writeProgram } from '../support/built.ts';

const scratch = mkdtempSync(join(tmpdir(), 'registry-auth-helper-client-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function ask(script: string, limitMs: number) {
  const folder = mkdtempSync(join(scratch, 'helper-'));
  const program = join(folder, 'docker-credential-theirs');
  writeProgram(program, `#!/bin/sh\n${script}\n`);
  const env = { PATH: process.env.PATH, FOLDER: folder };
  const reply = askHelper(program, 'r.example', { env, leftMs: () => limitMs });
  return { reply, folder };
}

/** What is waited for here waits for a minute itself. */
jest.setTimeout(10_000);

describe('a helper of others', () => {
  test('that no process can be had for, is one that cannot be run', async () => {
    // More than Linux lets one variable have.
    const surroundings = { env: { BIG: 'x'.repeat(200_000) }, leftMs: () => 1000 };
    expect(await askHelper('/bin/cat', 'r.example', surroundings)).toEqual({
      why: 'it cannot be run',
    });
  });

  test('that ends, but leaves a child which holds its output open, is not waited for', async () => {
    const { reply, folder } = ask('sleep 60 & echo $! >"$FOLDER/child"; echo "{}"', 1000);
    try {
      expect(await reply).toEqual({ why: 'it does not answer' });
    } finally {
      process.kill(Number(readFileSync(join(folder, 'child'), 'utf8')));
    }
  });

  test('that hangs is ended', async () => {
    const { reply, folder } = ask('echo $$ >"$FOLDER/child"; exec sleep 60', 1000);
    expect(await reply).toEqual({ why: 'it does not answer' });
    const child = Number(readFileSync(join(folder, 'child'), 'utf8'));
    // The kernel takes a moment.
    await sleep(300);
    expect(() => process.kill(child, 0)).toThrow('ESRCH');
  });

  test('may write a letter in two pieces', async () => {
    const script = `printf '{"Username":"a","Secret":"\\303'; sleep 0.3; printf '\\251"}'`;
    expect(await ask(script, 5000).reply).toEqual({ user: 'a', secret: '\u00e9' });
  });
});
