/**
 * Draws docs/images/log.svg, status.svg and check.svg from what our programs really print on a
 * terminal. After a change of a message: npm run build && node scripts/run.js test/demo/screens.ts
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIB } from '../support/built.ts';
import { runOrThrow } from '../support/run.ts';
import { startTokenRegistry } from '../support/token-registry.ts';
import { triple } from '../support/triples.ts';
import { renderScreen } from './render-screen.ts';

const COLUMNS = 88;

type Variables = Readonly<Record<string, string>>;

async function main(folder: string, home: string): Promise<void> {
  const registry = await startTokenRegistry({ users: { ada: 'a-password-of-ada' } });
  const other = await startTokenRegistry({ users: { ada: 'a-new-password' } });
  try {
    const acme = triple('ACME', registry.host, 'ada', 'a-password-of-ada');
    const team = triple('TEAM', other.host, 'ada', 'an-old-password');
    const { TEAM_CONTAINER_REGISTRY_PASSWORD: _, ...partial } = team;
    const draw = async (name: string, title: string, words: string, env: Variables) => {
      const printed = await runOnTerminal(words, home, env);
      // Of the same length: a host, and a port of five digits on this machine.
      const text = printed
        .replaceAll(registry.host, 'acme.example.io')
        .replaceAll(other.host, 'team.example.io');
      const command = name === 'log' ? undefined : `registry-auth ${words}`;
      writeFileSync(join(folder, `${name}.svg`), renderScreen({ title, command, text, COLUMNS }));
    };
    const log = 'The creation log: one registry is ready, and a secret of another one is missing';
    await draw('log', log, 'hook onCreate', { ...acme, ...partial });
    const status = 'registry-auth status: the same, with where each login is and comes from';
    await draw('status', status, 'status', { ...acme, ...partial });
    const check = 'registry-auth check: one registry accepts its credential, the other refuses it';
    await runOnTerminal('apply', home, { ...acme, ...team });
    await draw('check', check, 'check', { ...acme, ...team });
  } finally {
    await registry.close();
    await other.close();
  }
}

/** Runs a command in a terminal of its own, as `script` makes one. */
async function runOnTerminal(words: string, home: string, env: Variables): Promise<string> {
  const program = `'${process.execPath}' '${join(LIB, 'start.cjs')}' registry-auth ${words}`;
  // Problems are what the pictures are about.
  const command = `stty cols ${COLUMNS}; ${program} || true`;
  const args = ['--quiet', '--command', command, '/dev/null'];
  const { stdout } = await runOrThrow('script', args, { home, env: { ...env, TERM: 'xterm' } });
  return stdout.replaceAll('\r\n', '\n');
}

const home = mkdtempSync(join(tmpdir(), 'registry-auth-screens-'));
try {
  await main(process.argv[2] ?? 'docs/images', home);
} finally {
  rmSync(home, { recursive: true, force: true });
}
