import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, jest } from '@jest/globals';
import { ANOTHER_USER, ANYBODY, OPEN_NODE } from '../process/support/nobody.ts';
import { describeInShells, type Shell } from '../process/support/shells.ts';
import { BUILT, writeProgram } from '../support/built.ts';
import { testWith } from '../support/needs.ts';
import { scratchHome } from '../support/process.ts';
import { type Finished, run, runOrThrow } from '../support/run.ts';
import { loginsOf, triple } from '../support/triples.ts';

// Several processes of ours in one test, on a machine that may be busy.
jest.setTimeout(60_000);

/** A user without root, with a home, and the Feature as a release unpacks it. */
class User {
  readonly home = scratchHome();
  private readonly shell: Shell;

  constructor(shell: Shell) {
    this.shell = shell;
    cpSync(BUILT, join(this.home, 'registry-auth'), {
      recursive: true,
      filter: (path) => !path.endsWith('.cache'),
    });
    mkdirSync(join(this.home, 'bin'));
    chmodSync(this.home, 0o755);
    chownSync(this.home, ANOTHER_USER.uid ?? -1, ANOTHER_USER.gid ?? -1);
  }

  /** Runs install.sh, with the Node that everybody may run on PATH, and this folder too. */
  install(words: readonly string[], PATH = '/usr/bin:/bin'): Promise<Finished> {
    const { program, words: first } = this.shell;
    const script = [...first, join(this.home, 'registry-auth/install.sh'), ...words];
    return this.run(program, script, { PATH: `${join(OPEN_NODE, '..')}:${PATH}` });
  }

  run(program: string, words: readonly string[], env: Record<string, string>): Promise<Finished> {
    const options = { ...ANOTHER_USER, env, home: this.home, cwd: this.home, timeoutMs: 40_000 };
    return run(program, words, options);
  }
}

describeInShells('install.sh --prefix', (shell, run) => {
  const testAsUser = (name: string, check: () => Promise<void>) =>
    testWith([ANYBODY], name, check, run);

  testAsUser('installs all of it below a folder of the user, whatever its name', async () => {
    const user = new User(shell);
    for (const folder of ['.local', `it's "a|b" $HOME`]) {
      const bin = join(user.home, folder, 'bin');
      const installed = await user.install(['--prefix', join(user.home, folder)]);
      expect(installed).toEqual({
        status: 0,
        stdout: expect.stringMatching(
          /^registry-auth: installed, runs with .*\n.*: put .* on PATH\n$/,
        ),
        stderr: '',
      });
      expect(readdirSync(join(user.home, folder)).sort()).toEqual(['bin', 'share']);
      const env = {
        PATH: `${bin}:/usr/bin:/bin`,
        ...triple('ACME', 'reg.example.com', 'ada', 'x'),
      };
      const applied = await user.run('/bin/sh', ['-c', 'registry-auth apply'], env);
      expect(applied).toMatchObject({ status: 0, stderr: '' });
      const get = 'echo reg.example.com | docker-credential-registry-auth get';
      const got = await user.run('/bin/sh', ['-c', get], env);
      expect(JSON.parse(got.stdout)).toMatchObject({ Username: 'ada', Secret: 'x' });
    }
    const config = readFileSync(join(user.home, '.docker/config.json'), 'utf8');
    expect(loginsOf(config)).toEqual({ 'reg.example.com': 'ada:x' });
  });

  testAsUser('takes a relative folder, and is quiet where its bin is on PATH', async () => {
    const user = new User(shell);
    const { status, stdout } = await user.install(['--prefix', 'own/'], `${user.home}/own/bin`);
    expect([status, stdout.split('\n').length]).toEqual([0, 2]);
    const moved = await user.run(join(user.home, 'own/bin/registry-auth'), ['--version'], {});
    expect(moved).toMatchObject({ status: 0, stdout: expect.stringMatching(/^registry-auth \d/) });
  });

  testAsUser('finds its own folder, whatever CDPATH has', async () => {
    const user = new User(shell);
    mkdirSync(join(user.home, 'other/registry-auth'), { recursive: true });
    const words = [...shell.words, 'registry-auth/install.sh', '--prefix', 'own'];
    const PATH = `${join(OPEN_NODE, '..')}:/usr/bin:/bin`;
    for (const CDPATH of ['other', '.'])
      expect(await user.run(shell.program, words, { PATH, CDPATH })).toMatchObject({ status: 0 });
  });

  testAsUser('is what a user without root is told to use', async () => {
    const user = new User(shell);
    const { status, stderr } = await user.install([]);
    expect([status, stderr]).toEqual([
      1,
      'registry-auth: install.sh: not run as root [INSTALL_NOT_ROOT]\n' +
        'registry-auth:   fix: let the dev container build run it, use sudo, ' +
        'or name a folder of yours with --prefix\n',
    ]);
  });

  testAsUser('changes nothing where words are wrong, or the folder is closed', async () => {
    const user = new User(shell);
    const said = { status: 1, stderr: expect.stringContaining('install.sh --prefix DIR') };
    for (const words of [['--prefix'], ['--prefix', ''], ['--prefx', 'x'], ['x']])
      expect(await user.install(words)).toMatchObject(said);
    const closed = { status: 1, stderr: expect.stringContaining('[INSTALL_FAILED]') };
    expect(await user.install(['--prefix', '/proc/registry-auth'])).toMatchObject(closed);
    expect(existsSync(join(user.home, 'share'))).toBe(false);
  });

  testAsUser('is done by the commands that the pages have for other machines', async () => {
    const user = new User(shell);
    const release = join(user.home, 'release');
    mkdirSync(release);
    const archive = join(release, 'registry-auth.tgz');
    const pack = ['--transform=s,^action,registry-auth,', '-C', 'build', '-czf', archive, 'action'];
    await runOrThrow('tar', pack);
    const { stdout: sum } = await runOrThrow('sha256sum', ['registry-auth.tgz'], { cwd: release });
    writeFileSync(`${archive}.sha256`, sum);
    for (const [page, after] of [
      ['docs/ci.md', ''],
      ['docs/agents.md', '\nPATH=$HOME/.local/bin:$PATH\n'],
    ] as const) {
      const block = /```sh\n(release=.*?)```/s.exec(readFileSync(page, 'utf8'))?.[1] ?? '';
      const tools = join(user.home, 'tools');
      const url = 'https://github.com/OWNER/REPOSITORY/releases/download/v0.1.0/*';
      const copy = `case $2 in ${url}) ;; *) exit 22 ;; esac; file='${release}'/\${2##*/}`;
      const end = 'case $1 in *O) cp "$file" . ;; *) cat "$file" ;; esac';
      writeProgram(join(tools, 'curl'), `#!/bin/sh\n${copy}\n${end}\n`);
      const look = `${after}echo reg.example.com | docker-credential-registry-auth get`;
      const env = {
        PATH: `${tools}:${join(OPEN_NODE, '..')}:/usr/bin:/bin`,
        ...triple('ACME', 'reg.example.com', 'ada', 'x'),
      };
      const { program, words } = shell;
      const done = await user.run(
        program,
        [...words, '-ec', `mkdir work && cd work\n${block}${look}`],
        env,
      );
      expect([page, done]).toEqual([page, { status: 0, stdout: expect.anything(), stderr: '' }]);
      expect(done.stdout).toMatch(/"Username":"ada","Secret":"x"\}\n$/);
      for (const name of ['.local', 'work']) rmSync(join(user.home, name), { recursive: true });
    }
  });
});
