import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { Finished } from '../../support/run.ts';
import { HOST, type Scene } from './ecr-scene.ts';

/** The number of the stand-in's token that the helper answered with, counted from 1. */
export function tokenIn({ standIn }: Scene, { status, stdout, stderr }: Finished): number {
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { ServerURL, Username, Secret } = JSON.parse(stdout);
  expect({ ServerURL, Username }).toEqual({ ServerURL: HOST, Username: 'AWS' });
  return standIn.tokens.findIndex(({ token }) => token === Secret) + 1;
}

/** Waits for a part of the cached token's life: at 0.5 it shall be renewed, at 1 it ends. */
export async function waitForAge({ standIn, cache }: Scene, part: number): Promise<void> {
  const [file = ''] = readdirSync(cache).filter((name) => name.endsWith('.json'));
  const { issuedAt, expiresAt } = JSON.parse(readFileSync(join(cache, file), 'utf8'));
  expect(expiresAt).toBe(standIn.tokens.at(-1)?.expiresAt);
  const moment = issuedAt + (expiresAt - issuedAt) * part;
  while (Date.now() <= moment) await sleep(20);
}
