import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { type Loopback, startLoopback } from '../support/loopback.ts';
import { runNode } from '../support/run.ts';

/** The look itself needs the registry of npm: .github/workflows/nightly.yml has it. */

// npm takes seconds on a machine that is busy.
jest.setTimeout(60_000);

let registry: Loopback | undefined;
afterEach(() => registry?.close());

const VERSION = JSON.parse(readFileSync('node_modules/zod/package.json', 'utf8')).version;
const PACKUMENT = {
  name: 'zod',
  'dist-tags': { latest: VERSION },
  versions: { [VERSION]: { name: 'zod', version: VERSION } },
};

/** Runs the script with npm and a registry that answers so to the question for advisories. */
async function audit(advisories: object | undefined) {
  registry = await startLoopback(({ method }) => {
    if (method === 'GET') return { status: 200, body: JSON.stringify(PACKUMENT) };
    if (advisories === undefined) return { status: 405 };
    return { status: 200, body: JSON.stringify(advisories) };
  });
  const env = { npm_config_registry: `http://${registry.host}/` };
  return runNode(resolve('scripts/audit.js'), [], { env, cwd: resolve('.'), timeoutMs: 50_000 });
}

test('asks npm for advisories against what is bundled', async () => {
  const { status, stdout, stderr } = await audit({});
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^\d\d bundled packages, 0 with an advisory\n$/);
  const asked = registry?.heard.find(({ method }) => method === 'POST');
  expect(asked?.path).toBe('/-/npm/v1/security/advisories/bulk');
});

test('fails where an advisory stands against one, and names it', async () => {
  const url = 'https://example.com/advisory';
  const advisory = { id: 1, url, title: 'All is lost', severity: 'low', vulnerable_versions: '*' };
  const { status, stderr } = await audit({ zod: [advisory] });
  expect([status, stderr]).toEqual([1, `zod: All is lost (${url})\n`]);
});

test('fails otherwise where the registry cannot tell', async () => {
  const { status, stderr } = await audit(undefined);
  expect([status, stderr]).toEqual([
    2,
    expect.stringContaining('has no advisories to ask for: 405'),
  ]);
});
