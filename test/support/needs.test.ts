import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { runNode } from './run.ts';

jest.setTimeout(30_000);

const JEST = join('node_modules', 'jest', 'bin', 'jest.js');
const ABSENT = 'no-such-client is not on PATH';
const BROKEN = `${process.execPath} -e process.exit(1) fails here`;
const OTHER = `${process.execPath} --version gives another answer here`;

/** What becomes of each test of needs.fixture.ts, and what is printed. */
async function runFixture(env: Record<string, string>) {
  const match = ['--testMatch', '<rootDir>/test/support/needs.fixture.ts'];
  const { status, stdout, stderr } = await runNode(JEST, [...match, '--json'], { env });
  const [{ assertionResults }] = JSON.parse(stdout).testResults;
  const fates = assertionResults.map(
    ({ title, status: fate, failureMessages: [message = ''] }: Assertion) =>
      `${title}: ${[fate, ...message.split('\n').slice(0, 1)].filter(Boolean).join(', ')}`,
  );
  return { status, fates, reasons: stderr.match(/^skipped, .*$/gm) ?? [] };
}
type Assertion = { title: string; status: string; failureMessages: string[] };

test('a test that lacks anything is skipped, in CI too, and each reason is said once', async () => {
  expect(await runFixture({ CI: 'true', REQUIRE_CLIENTS: '' })).toEqual({
    status: 0,
    fates: [
      'has all: passed',
      'lacks one: pending',
      'lacks another: pending',
      'lacks three: pending',
      'lacks what is optional: pending',
    ],
    reasons: [ABSENT, BROKEN, OTHER].map(
      (why) => `skipped, because ${why}: the tests that need it`,
    ),
  });
});

test('with REQUIRE_CLIENTS=all it fails and says what it lacks, but for what is optional', async () => {
  const end = 'REQUIRE_CLIENTS=all allows no skipping';
  expect(await runFixture({ REQUIRE_CLIENTS: 'all' })).toEqual({
    status: 1,
    fates: [
      'has all: passed',
      `lacks one: failed, Error: ${ABSENT}; ${end}`,
      `lacks another: failed, Error: ${ABSENT}; ${end}`,
      `lacks three: failed, Error: ${ABSENT}; ${BROKEN}; ${OTHER}; ${end}`,
      'lacks what is optional: pending',
    ],
    reasons: [`skipped, because ${ABSENT}: the tests that need it`],
  });
});
