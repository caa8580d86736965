import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIB, writeProgram } from './built.ts';
import { runNode } from './run.ts';
import { triple } from './triples.ts';

/** Before all tests. */
export default async function prepare(): Promise<void> {
  keepInMemory();
  await compile();
}

const MEMORY = '/dev/shm';
const TMPFS = 0x01021994;
const LEAST_BYTES = 1 << 30;

/**
 * Lets tests have their temporary files in memory, where it is large enough and programs may be run:
 * most tests write some, and a disk takes a tenth of all the time. A TMPDIR that is set stays: with
 * TMPDIR=/tmp, as at night, they are on the disk of most machines.
 */
function keepInMemory(): void {
  if (process.env.TMPDIR === undefined && canHoldHomes(MEMORY)) process.env.TMPDIR = MEMORY;
}

function canHoldHomes(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { type, bavail, bsize } = statfsSync(folder);
  return type === TMPFS && bavail * bsize >= LEAST_BYTES && canRunFrom(folder);
}

/** A container engine may forbid it. */
function canRunFrom(folder: string): boolean {
  const own = mkdtempSync(join(folder, 'registry-auth-run-'));
  try {
    writeProgram(join(own, 'true'), '#!/bin/sh\n');
    return spawnSync(join(own, 'true')).status === 0;
  } finally {
    rmSync(own, { recursive: true });
  }
}

/**
 * Keeps what V8 compiles of the programs, as install.sh does, so that each of the thousand starts
 * takes less time.
 */
async function compile(): Promise<void> {
  // A build begins with an empty folder; a Jest that a test starts finds them.
  if (existsSync(join(LIB, 'registry-auth.cjs.cache'))) return;
  const home = mkdtempSync(join(tmpdir(), 'registry-auth-compile-'));
  const env = { ...triple('ACME', 'reg.example.com', 'ada', 'word'), XDG_RUNTIME_DIR: home };
  const options = { home, env, input: 'reg.example.com' };
  const start = join(LIB, 'start.cjs');
  try {
    await Promise.all([
      runNode(start, ['--compile', 'registry-auth', 'hook', 'postStart'], options),
      runNode(start, ['--compile', 'docker-credential-registry-auth', 'get'], options),
    ]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
