import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { describeInShells } from '../process/support/shells.ts';
import { type Installation, installWrappers, LIB, writeProgram } from '../support/built.ts';
import { testWith } from '../support/needs.ts';
import { scratchHome } from '../support/process.ts';
import { type Finished, run, whyNot } from '../support/run.ts';

// Several processes of ours in one test, on a machine that may be busy.
jest.setTimeout(30_000);

let folder = '';
beforeEach(() => {
  folder = scratchHome();
});

/** The wrapper of `registry-auth`, beside bundles of its own. */
function install(options: Installation = {}): string {
  const share = join(folder, 'share');
  cpSync(LIB, join(share, 'lib'), { recursive: true });
  installWrappers(join(folder, 'bin'), { share, ...options });
  return join(folder, 'bin', 'registry-auth');
}

const NOTHING = 'registry-auth: no registry secrets found; nothing to do\n';
const QUIET = { status: 0, stdout: NOTHING, stderr: '' };
const HOOK = ['hook', 'postStart'];
const HALF = { A_CONTAINER_REGISTRY_USER: 'me' };

const GONE = {
  stdout: '',
  stderr:
    'registry-auth: Node is gone from this container; ' +
    'fix: rebuild the container, or put Node 20.12 or newer on PATH\n',
};

const NO_PROCESS = ['--nproc=1:1', '/bin/sh'];
const LIMITS = {
  missing:
    process.getuid?.() === 0
      ? whyNot('prlimit', [...NO_PROCESS, '-c', ':'])
      : 'only root can run a user who has no process',
};

testWith([LIMITS], 'of a hook exits 0 where no process is to be had', async () => {
  const wrapper = readFileSync(install(), 'utf8');
  // One that no other process here has.
  const user = { uid: 54_321, gid: 54_321, cwd: '/' };
  const words = [...NO_PROCESS, '-c', wrapper, 'registry-auth', ...HOOK];
  const { status, stdout } = await run('prlimit', words, user);
  expect([status, stdout]).toEqual([0, '']);
  const strict = words.map((word) => word.replace('strict=false', 'strict=true'));
  expect((await run('prlimit', strict, user)).status).not.toBe(0);
});

/**
 * What Node documents and the wrapper leaves: colours, the time zone, threads, and authorities that
 * are trusted besides, as those of NODE_EXTRA_CA_CERTS are.
 */
const HARMLESS = ['FORCE_COLOR', 'NO_COLOR', 'TZ', 'UV_THREADPOOL_SIZE', 'UV_USE_IO_URING'].concat(
  ...['SSL_CERT_DIR', 'SSL_CERT_FILE'],
);
const HELP = execFileSync(process.execPath, ['--help'], { encoding: 'utf8' });

/** Those of this Node's own list, and what its documentation of 20 to 24 names besides. */
const NODE_VARIABLES = [
  ...new Set([
    ...(HELP.match(/^[A-Z][A-Z0-9_]+(?=\s|$)/gm) ?? []).filter((name) => !HARMLESS.includes(name)),
    ...['NODE_CHANNEL_FD', 'NODE_COMPILE_CACHE', 'NODE_ICU_DATA', 'NODE_OPTIONS', 'NODE_UNIQUE_ID'],
    ...['NODE_INSPECT_RESUME_ON_START', 'NODE_TEST_CONTEXT', 'NODE_USE_ENV_PROXY', 'OPENSSL_CONF'],
    ...[
      'OPENSSL_ENGINES',
      'OPENSSL_MODULES',
      'SSLKEYLOGFILE',
      'NODE_RUN_SCRIPT_NAME',
      'NODE_USE_SYSTEM_CA',
    ],
  ]),
];

test('install.sh and the wrapper leave the same variables out', () => {
  const listIn = (name: string) =>
    /^unset (?:.*\\\n)*.*$/m.exec(readFileSync(join('features/registry-auth', name), 'utf8'))?.[0];
  expect(listIn('wrapper.sh')).toBe(listIn('install.sh'));
});

describeInShells('the wrapper', (shell, test) => {
  function start(
    path: string,
    words: string[],
    env: Record<string, string> = {},
  ): Promise<Finished> {
    const surroundings = { PATH: '/usr/bin:/bin', ...env };
    const options = { env: surroundings, home: folder, cwd: folder, input: 'not to be read' };
    return run(shell.program, [...shell.words, path, ...words], options);
  }

  test('runs a hook', async () => {
    expect(await start(install(), HOOK)).toEqual(QUIET);
  });

  test('gives Node no words but ours', async () => {
    const node = join(folder, 'fake-node');
    writeProgram(node, '#!/bin/sh\necho "$*"\n');
    const path = install({ node });
    const script = join(folder, 'share/lib/start.cjs');
    for (const words of [HOOK, ['check']]) {
      const { stdout } = await start(path, words);
      expect(stdout).toBe(`-- ${script} registry-auth ${words.join(' ')}\n`);
    }
  });

  test('starts a Node once that will not do', async () => {
    const node = join(folder, 'fake-node');
    const calls = join(folder, 'calls');
    for (const status of [65, 126, 127]) {
      writeFileSync(calls, '');
      writeProgram(
        node,
        `#!/bin/sh\n[ "$1" = --version ] || echo called >>'${calls}'\nexit ${status}\n`,
      );
      const { stderr } = await start(install({ node }), HOOK, { PATH: '/none' });
      expect([status, stderr]).toEqual([status, expect.stringContaining('put Node 20.12')]);
      expect(readFileSync(calls, 'utf8')).toBe('called\n');
    }
  });

  test("takes no part in a user's Node options", async () => {
    const coverage = join(folder, 'coverage');
    const env = {
      NODE_OPTIONS: '--require=/not/there',
      NODE_DEBUG: 'module,http,https,net,tls',
      NODE_DEBUG_NATIVE: 'MKSNAPSHOT,ASYNC_WRAP',
      NODE_V8_COVERAGE: coverage,
    };
    expect(await start(install(), HOOK, env)).toEqual(QUIET);
    expect(existsSync(coverage)).toBe(false);
  });

  test('gives Node what it needs of the environment, and no room for a core file', async () => {
    const node = join(folder, 'fake-node');
    const print = `env | grep -E '^(${NODE_VARIABLES.join('|')})=' | sort`;
    writeProgram(node, `#!/bin/sh\n${print}\nulimit -c\nulimit -H -c\n`);
    const authority = join(folder, 'ca.pem');
    writeFileSync(authority, '');
    const env = {
      ...Object.fromEntries(NODE_VARIABLES.map((name) => [name, '1'])),
      NODE_EXTRA_CA_CERTS: authority,
      NODE_USE_SYSTEM_CA: '0',
    };
    const { stdout } = await start(install({ node }), ['status'], env);
    const variables = [`NODE_EXTRA_CA_CERTS=${authority}`, 'NODE_USE_SYSTEM_CA=1'];
    expect(stdout.trim().split('\n')).toEqual([...variables, '0', '0']);
  });

  test('waits for no pipe in place of a certificate, and tells of no missing one', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const NODE_EXTRA_CA_CERTS of [pipe, join(folder, 'none'), ''])
      expect(await start(install(), HOOK, { NODE_EXTRA_CA_CERTS })).toEqual(QUIET);
  });

  test('takes the next Node where the caller lets a shell end at a failure', async () => {
    const node = join(folder, 'old-node');
    writeProgram(node, '#!/bin/sh\nexit 65\n');
    const path = install({ node });
    const options = { env: { PATH: dirname(process.execPath) }, home: folder, cwd: folder };
    const words = [...shell.words, '-e', path, ...HOOK];
    expect(await run(shell.program, words, options)).toEqual(QUIET);
  });

  for (const proxy of [
    ...['10.0.0.1:3128', 'proxy:3128', 'socks5://proxy:1', 'http://proxy:3128', ''],
    ...['http://bob:pw#1@proxy:3128', 'http://bob:p/w@proxy:3128', 'http://proxy:99999'],
  ])
    test(`starts with a proxy of ${JSON.stringify(proxy)}`, async () => {
      const env = { HTTPS_PROXY: proxy, NODE_USE_ENV_PROXY: '1' };
      expect(await start(install(), HOOK, env)).toEqual(QUIET);
    });

  test('writes nothing beside the bundles, whatever a variable says', async () => {
    const path = install();
    const look = () => readdirSync(join(folder, 'share/lib')).sort();
    const before = look();
    expect(await start(path, HOOK, { REGISTRY_AUTH_COMPILE: 'true' })).toEqual(QUIET);
    expect(look()).toEqual(before);
  });

  test('leaves words like --env-file to us', async () => {
    writeFileSync(join(folder, 'a.env'), `NODE_OPTIONS=--require=${folder}/x\n`);
    expect(await start(install(), ['apply', '--env-file', join(folder, 'a.env')])).toMatchObject({
      status: 0,
    });
  });

  test('of a hook exits 0 whatever is wrong, unless strict', async () => {
    const broken = async (path: string) => {
      writeFileSync(join(folder, 'share/lib/registry-auth.cjs'), 'throw new Error("broken")');
      return (await start(path, HOOK)).status;
    };
    const half = await start(install(), HOOK, HALF);
    expect([half.status, await broken(install())]).toEqual([0, 0]);
    expect(await broken(install({ strict: true }))).not.toBe(0);
  });

  test('of a hook exits 0 where its log is closed, and without /dev/null', async () => {
    const path = install();
    const words = [shell.program, ...shell.words, path, ...HOOK]
      .map((word) => `'${word}'`)
      .join(' ');
    const inShell = (line: string) =>
      run('/bin/sh', ['-c', line], { env: { PATH: '/usr/bin:/bin' }, home: folder, cwd: folder });
    writeFileSync(join(folder, 'share/lib/registry-auth.cjs'), 'throw new Error("broken")');
    const unread = await inShell(`{ ${words} 2>&1; echo "$?" >status; } | true`);
    expect([unread.status, readFileSync(join(folder, 'status'), 'utf8')]).toEqual([0, '0\n']);
    expect(await inShell(`${words} >&- 2>&-`)).toMatchObject({ status: 0 });
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('/dev/null', '/not/there/null'));
    expect(await start(path, HOOK)).toMatchObject({ status: 0 });
  });

  describe('whose Node is gone', () => {
    /** A Node that says its name, in place of what it is asked to run. */
    function fakeNode(path: string): void {
      writeProgram(join(folder, path), `#!/bin/sh\necho ${path} is run\n`);
    }

    test('prefers our own copy to what is on PATH', async () => {
      const gone = install({ node: '/gone/node' });
      fakeNode('other/node');
      const env = { PATH: `/usr/bin:${folder}/other` };
      mkdirSync(join(folder, 'folder/node'), { recursive: true });
      writeFileSync(join(folder, 'node'), 'no program');
      const onPath = { PATH: `${folder}/folder:${folder}:${folder}/other` };
      expect(await start(gone, ['status'], onPath)).toMatchObject({
        stdout: 'other/node is run\n',
      });
      fakeNode('share/node/bin/node');
      expect(await start(gone, ['status'], env)).toMatchObject({
        stdout: 'share/node/bin/node is run\n',
      });
    });

    test('runs no Node of the folder that it is called in', async () => {
      const gone = install({ node: '/gone/node' });
      for (const path of ['node', 'bin/node', 'a*/node']) fakeNode(path);
      for (const PATH of ['', ':', '.:/none', '/none:', 'bin', './bin', '../bin', '*', '/none::/x'])
        expect([PATH, await start(gone, ['status'], { PATH })]).toEqual([
          PATH,
          { ...GONE, status: 1 },
        ]);
    });

    test('says so where a client looks, and lets a container start', async () => {
      const gone = install({ node: '/gone/node' });
      const env = { PATH: join(folder, 'empty') };
      expect(await start(gone, HOOK, env)).toEqual({ ...GONE, status: 0 });
      const strict = install({ node: '/gone/node', strict: true });
      expect(await start(strict, HOOK, env)).toEqual({ ...GONE, status: 1 });
      const helper = join(folder, 'bin/docker-credential-registry-auth');
      const said = { status: 1, stdout: GONE.stderr, stderr: '' };
      expect(await start(helper, ['get'], env)).toEqual(said);
    });
  });

  describe('whose Node is too old', () => {
    /** A Node that says its version, and of start.cjs what it says in an old one. */
    function oldNode(path: string, version: string): string {
      const script = `case $1 in --version) echo ${version} ;; *) exit 65 ;; esac`;
      writeProgram(join(folder, path), `#!/bin/sh\n${script}\n`);
      return join(folder, path);
    }

    test('takes the next that is not', async () => {
      const old = install({ node: oldNode('chosen', 'v18.20.8') });
      oldNode('old/node', 'v16.20.2');
      mkdirSync(join(folder, 'new'));
      symlinkSync(process.execPath, join(folder, 'new/node'));
      const env = { PATH: `${folder}/old:${folder}/new` };
      expect(await start(old, HOOK, env)).toEqual(QUIET);
    });

    test('says so when there is no other', async () => {
      const old = install({ node: oldNode('chosen', 'v18.20.8') });
      const env = { PATH: join(folder, 'empty') };
      const stderr = GONE.stderr.replace(
        'Node is gone from this container',
        'Node v18.20.8 is too old',
      );
      expect(await start(old, HOOK, env)).toEqual({ status: 0, stdout: '', stderr });
      expect(await start(old, ['apply'], env)).toEqual({ status: 1, stdout: '', stderr });
      const helper = join(folder, 'bin/docker-credential-registry-auth');
      expect(await start(helper, ['get'], env)).toEqual({ status: 1, stdout: stderr, stderr: '' });
    });
  });

  test('is a script that this shell takes', async () => {
    const check = [...shell.words, '-n', resolve('features/registry-auth/wrapper.sh')];
    expect(await run(shell.program, check)).toMatchObject({ status: 0 });
  });
});
