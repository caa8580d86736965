import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIB } from './built.ts';
import { runNode } from './run.ts';
import { triple } from './triples.ts';

/**
 * Before all tests: keeps what V8 compiles of the programs, as install.sh does, so that each of
 * the thousand starts takes less time.
 */
export default async function compile(): Promise<void> {
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
