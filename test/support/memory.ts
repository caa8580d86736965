import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from '@jest/globals';
import { type Need, testWith } from './needs.ts';

/** Where Linux has files in memory. */
export const MEMORY = '/dev/shm';
const TMPFS = 0x01021994;

/** Our programs cache tokens in memory only. */
const CACHE: Need = { missing: hasMemory() ? undefined : `${MEMORY} is no tmpfs` };

export function testInMemory(behaviour: string, check: () => Promise<void> | void): void {
  testWith([CACHE], behaviour, check);
}

export function testInMemoryConcurrently(behaviour: string, check: () => Promise<void>): void {
  testWith([CACHE], behaviour, check, (name) => test.concurrent(name, check));
}

function hasMemory(): boolean {
  try {
    return statfsSync(MEMORY).type === TMPFS;
  } catch {
    return false;
  }
}

const runtimes: string[] = [];

/**
 * Makes a folder as XDG_RUNTIME_DIR names one, for the tokens of one test: no call finds those of
 * another test, or of this machine's user. Where the machine has no memory for files it is a folder
 * in which our programs keep no tokens. It is removed after the test file.
 */
export function makeRuntime(): string {
  const base = CACHE.missing ? tmpdir() : MEMORY;
  const runtime = mkdtempSync(join(base, 'registry-auth-test-'));
  runtimes.push(runtime);
  return runtime;
}

afterAll(() => {
  for (const runtime of runtimes.splice(0)) rmSync(runtime, { recursive: true, force: true });
});
