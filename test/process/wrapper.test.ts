import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Installation, installWrappers, LIB } from '../support/built.ts';
import { scratchHome } from '../support/process.ts';
import { type Finished, run } from '../support/run.ts';

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

function start(path: string, words: string[], env: Record<string, string> = {}): Promise<Finished> {
  const surroundings = { PATH: '/usr/bin:/bin', ...env };
  return run(path, words, { env: surroundings, home: folder, input: 'not to be read' });
}

const NOTHING = 'registry-auth: no registry secrets found; nothing to do\n';
const HALF = { A_CONTAINER_REGISTRY_USER: 'me' };

describe('the wrapper', () => {
  test('runs a hook', async () => {
    expect(await start(install(), ['hook', 'postStart'])).toEqual({
      status: 0,
      stdout: NOTHING,
      stderr: '',
    });
  });

  test("takes no part in a user's Node options", async () => {
    const env = { NODE_OPTIONS: '--require=/not/there' };
    expect(await start(install(), ['hook', 'postStart'], env)).toEqual({
      status: 0,
      stdout: NOTHING,
      stderr: '',
    });
  });

  test.each(['10.0.0.1:3128', 'proxy:3128', 'socks5://proxy:1', 'http://proxy:3128', ''])(
    'starts with a proxy of %j',
    async (proxy) => {
      expect(await start(install(), ['hook', 'postStart'], { HTTPS_PROXY: proxy })).toMatchObject({
        status: 0,
        stdout: NOTHING,
      });
    },
  );

  test('leaves words like --env-file to us', async () => {
    writeFileSync(join(folder, 'a.env'), `NODE_OPTIONS=--require=${folder}/x\n`);
    expect(await start(install(), ['apply', '--env-file', join(folder, 'a.env')])).toMatchObject({
      status: 0,
    });
  });

  test('of a hook exits 0 whatever is wrong, unless strict', async () => {
    const broken = async (path: string) => {
      writeFileSync(join(folder, 'share/lib/registry-auth.cjs'), 'throw new Error("broken")');
      return (await start(path, ['hook', 'postStart'])).status;
    };
    const half = await start(install(), ['hook', 'postStart'], HALF);
    expect([half.status, await broken(install())]).toEqual([0, 0]);
    expect(await broken(install({ strict: true }))).not.toBe(0);
  });

  test('finds another Node when its own is gone, and says so when there is none', async () => {
    const gone = install({ node: '/gone/node' });
    mkdirSync(join(folder, 'other'));
    symlinkSync(process.execPath, join(folder, 'other/node'));
    expect(
      await start(gone, ['--version'], { PATH: `${folder}/other:/usr/bin:/bin` }),
    ).toMatchObject({
      status: 0,
    });
    const words = 'registry-auth: Node is gone from this container; fix: rebuild the container\n';
    const bare = { PATH: join(folder, 'empty') };
    expect(await start(gone, ['hook', 'postStart'], bare)).toEqual({
      status: 0,
      stdout: words,
      stderr: '',
    });
    expect(await start(gone, ['apply'], bare)).toEqual({ status: 1, stdout: words, stderr: '' });
  });

  test('is a script that every POSIX shell takes', async () => {
    const check = ['-n', resolve('features/registry-auth/wrapper.sh')];
    expect(await run('sh', check)).toMatchObject({ status: 0 });
  });
});
