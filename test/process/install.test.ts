import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest } from '@jest/globals';
import { Image } from './support/image.ts';
import { describeInShells } from './support/shells.ts';

// Several processes of ours in one test, on a machine that may be busy.
jest.setTimeout(30_000);

/** The mode of every file and folder of an installation, by its path below /usr/local. */
function modesIn({ root }: Image): Record<string, string> {
  const local = join(root, 'usr/local');
  const paths = readdirSync(local, { recursive: true, encoding: 'utf8' });
  const modeOf = (path: string) => (lstatSync(join(local, path)).mode & 0o777).toString(8);
  return Object.fromEntries(paths.map((path) => [path, modeOf(path)]));
}

const FOLDER = '755';
const PROGRAM = '755';
const FILE = '644';
const MODES = {
  bin: FOLDER,
  'bin/docker-credential-registry-auth': PROGRAM,
  'bin/registry-auth': PROGRAM,
  share: FOLDER,
  'share/registry-auth': FOLDER,
  'share/registry-auth/lib': FOLDER,
  'share/registry-auth/lib/docker-credential-registry-auth.cjs': FILE,
  'share/registry-auth/lib/docker-credential-registry-auth.cjs.cache': FILE,
  'share/registry-auth/lib/ecr.cjs': FILE,
  'share/registry-auth/lib/registry-auth.cjs': FILE,
  'share/registry-auth/lib/registry-auth.cjs.cache': FILE,
  'share/registry-auth/lib/start.cjs': FILE,
  'share/registry-auth/options.json': FILE,
};

describeInShells('install.sh', (shell, test) => {
  test('installs what runs', async () => {
    const image = new Image(shell);
    expect(await image.install()).toMatchObject({ status: 0 });
    expect(await image.run('registry-auth', ['hook', 'postStart'])).toEqual({
      status: 0,
      stdout: 'registry-auth: no registry secrets found; nothing to do\n',
      stderr: '',
    });
    const helper = await image.run('docker-credential-registry-auth', ['list'], {}, '');
    expect(helper).toEqual({ status: 0, stdout: '{}\n', stderr: '' });
  });

  test('lets everybody read what it leaves and nobody write, whatever modes it meets', async () => {
    const image = new Image(shell);
    chmodSync(join(image.feature, 'lib/ecr.cjs'), 0o666);
    chmodSync(join(image.feature, 'lib/start.cjs'), 0o600);
    expect(await image.install({}, '000')).toMatchObject({ status: 0 });
    expect(modesIn(image)).toEqual(MODES);
    const careful = new Image(shell);
    expect(await careful.install({}, '077')).toMatchObject({ status: 0 });
    expect(modesIn(careful)).toEqual(MODES);
  });
});
