import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, jest } from '@jest/globals';
import { Image } from '../process/support/image.ts';
import { describeInShells } from '../process/support/shells.ts';
import { LIB, writeProgram } from '../support/built.ts';
import { run } from '../support/run.ts';

// Several processes of ours in one test, on a machine that may be busy.
jest.setTimeout(30_000);

const NOTHING = 'registry-auth: no registry secrets found; nothing to do\n';
const QUIET = { status: 0, stdout: NOTHING, stderr: '' };
const DONE = { status: 0, stderr: '' };
const HOOK = ['hook', 'postStart'];

/** The content of every file of an installation, or where its link leads, by its path. */
function contentsOf({ root }: Image): Record<string, string> {
  const local = join(root, 'usr/local');
  if (!existsSync(local)) return {};
  const entries = readdirSync(local, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return [path, file.isSymbolicLink() ? readlinkSync(path) : contentOf(path)];
    }),
  );
}

/** V8 never compiles to the same bytes twice. */
function contentOf(path: string): string {
  return path.endsWith('.cache') ? 'compiled' : readFileSync(path, 'base64');
}

/** The mode of every file and folder of an installation, by its path below /usr/local. */
function modesIn({ root }: Image): Record<string, string> {
  const local = join(root, 'usr/local');
  const paths = readdirSync(local, { recursive: true, encoding: 'utf8' });
  const modeOf = (path: string) => {
    const found = lstatSync(join(local, path));
    return found.isSymbolicLink() ? LINK : (found.mode & 0o777).toString(8);
  };
  return Object.fromEntries(paths.map((path) => [path, modeOf(path)]));
}

/** Asks V8 whether it takes what was compiled of each bundle, as start.cjs gives it. */
const ASK_V8 = `
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');
for (const filename of process.argv.slice(1)) {
  const source = readFileSync(filename, 'utf8');
  const wrapped =
    \`(function (require, module, exports, __filename, __dirname) {\${source}\\n})\`;
  const cachedData = readFileSync(filename + '.cache');
  const { cachedDataRejected } = new Script(wrapped, { filename, cachedData });
  console.log(cachedDataRejected ? 'refused' : 'taken');
}`;

const BUNDLES = readdirSync(LIB).filter((name) => name.endsWith('.cjs'));
const FOLDER = '755';
const PROGRAM = '755';
const FILE = '644';
const LINK = 'link';
const MODES = {
  bin: FOLDER,
  'bin/docker-credential-registry-auth': LINK,
  'bin/registry-auth': LINK,
  share: FOLDER,
  'share/registry-auth': FOLDER,
  'share/registry-auth/bin': FOLDER,
  'share/registry-auth/bin/docker-credential-registry-auth': PROGRAM,
  'share/registry-auth/bin/registry-auth': PROGRAM,
  'share/registry-auth/lib': FOLDER,
  ...Object.fromEntries(BUNDLES.map((name) => [`share/registry-auth/lib/${name}`, FILE])),
  'share/registry-auth/lib/docker-credential-registry-auth.cjs.cache': FILE,
  'share/registry-auth/lib/registry-auth.cjs.cache': FILE,
  'share/registry-auth/options.json': FILE,
};

describeInShells('install.sh', (shell, test) => {
  test('installs what runs', async () => {
    const image = new Image(shell);
    expect(await image.install()).toMatchObject({ status: 0 });
    expect(await image.run('registry-auth', HOOK)).toEqual(QUIET);
    const helper = await image.run('docker-credential-registry-auth', ['list'], {}, '');
    expect(helper).toEqual({ status: 0, stdout: '{}\n', stderr: '' });
  });

  test('keeps compiled code that V8 takes', async () => {
    const image = new Image(shell);
    await image.install();
    const bundles = ['registry-auth', 'docker-credential-registry-auth'].map((name) =>
      join(image.share, 'lib', `${name}.cjs`),
    );
    const { stdout } = await run(process.execPath, ['-e', ASK_V8, '--', ...bundles], {
      home: image.root,
    });
    expect(stdout).toBe('taken\ntaken\n');
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

  test('says one line, whatever the options are, and leaves nothing of its work', async () => {
    const image = new Image(shell);
    const options = { STRICT: 'true', ENVFILES: '/not/there', GITHUBNPM: 'true' };
    expect(await image.install(options)).toEqual({
      status: 0,
      stdout: `registry-auth: installed, runs with ${realpathSync(process.execPath)} (${process.version})\n`,
      stderr: '',
    });
    expect(modesIn(image)).toEqual(MODES);
  });

  test('asks nobody, and changes no package, where there is a Node', async () => {
    const image = new Image(shell);
    const called = join(image.root, 'called');
    for (const name of ['curl', 'wget', 'apt-get', 'apk', 'dnf', 'dpkg', 'rpm'])
      writeProgram(join(image.tools, name), `#!/bin/sh\necho ${name} >>'${called}'\n`);
    writeProgram(join(image.root, 'usr/lib/apt/apt-helper'), `#!/bin/sh\n: >'${called}'\n`);
    expect(await image.install()).toMatchObject(DONE);
    expect(existsSync(called)).toBe(false);
  });

  test('takes a Node in a folder of any name', async () => {
    const image = new Image(shell);
    image.moveNode(`it's "a|b&c" \\d $HOME e`);
    expect(await image.install()).toMatchObject(DONE);
    expect(await image.run('registry-auth', HOOK, { PATH: '' })).toEqual(QUIET);
  });

  test('keeps the Node that it found, wherever a link to it leads later', async () => {
    const image = new Image(shell);
    expect(await image.install()).toMatchObject(DONE);
    rmSync(join(image.tools, 'node'));
    writeProgram(join(image.tools, 'node'), '#!/bin/sh\necho the other Node\n');
    expect(await image.run('registry-auth', HOOK)).toEqual(QUIET);
  });

  test('takes no Node that is too old, nor one of the folder that it runs in', async () => {
    const image = new Image(shell);
    for (const folder of [image.tools, image.feature]) {
      rmSync(join(folder, 'node'), { force: true });
      writeProgram(join(folder, 'node'), '#!/bin/sh\nexit 65\n');
    }
    // And there is no way to get one.
    const none = { status: 1, stderr: expect.stringContaining('[NODE_NOT_DOWNLOADED]') };
    expect(await image.install()).toMatchObject(none);
    rmSync(join(image.feature, 'node'));
    symlinkSync(process.execPath, join(image.feature, 'node'));
    expect(await image.install({ PATH: `.:${image.tools}` })).toMatchObject(none);
    expect(await image.install({ PATH: `:${image.tools}:*` })).toMatchObject(none);
    mkdirSync(image.bin, { recursive: true });
    symlinkSync(process.execPath, join(image.bin, 'node'));
    expect(await image.install()).toMatchObject(DONE);
  });

  test('takes the first Node on PATH that will do', async () => {
    const image = new Image(shell);
    mkdirSync(join(image.root, 'old'));
    writeProgram(join(image.root, 'old/node'), '#!/bin/sh\nexit 65\n');
    expect(await image.install({ PATH: `${image.root}/old:${image.tools}` })).toMatchObject(DONE);
  });

  test('takes no Node that only its owner may run', async () => {
    const image = new Image(shell);
    image.moveNode('closed');
    rmSync(join(image.tools, 'node'));
    chmodSync(join(image.root, 'closed/node'), 0o744);
    const none = { status: 1, stderr: expect.stringContaining('[NODE_NOT_DOWNLOADED]') };
    expect(await image.install()).toMatchObject(none);
    chmodSync(join(image.root, 'closed/node'), 0o755);
    expect(await image.install()).toMatchObject(DONE);
  });

  test('takes no Node that another user may change, and says so', async () => {
    const said = expect.stringMatching(
      /^registry-auth: Node: \S+\/mine\/node can be changed .*_EXPOSED\]/,
    );
    const image = new Image(shell);
    image.moveNode('mine');
    const [folder, node] = [join(image.root, 'mine'), join(image.root, 'mine/node')];
    const taken = () =>
      image.install().then(({ stdout, stderr }) => [stdout.includes(`with ${node} `), stderr]);
    for (const path of [folder, node]) {
      chmodSync(path, 0o757);
      expect([path, ...(await taken())]).toEqual([path, false, said]);
      chmodSync(path, 0o755);
    }
    expect(await taken()).toEqual([true, '']);
    chmodSync(folder, 0o1777);
    expect(await taken()).toEqual([true, '']);
    if (process.getuid?.() !== 0) return;
    for (const path of [folder, node]) {
      chownSync(path, 65_534, 0);
      expect([path, ...(await taken())]).toEqual([path, false, said]);
      // Whoever the hooks run as has the secrets, too.
      const finished = await image.install({ _REMOTE_USER: 'nobody' });
      expect([path, finished.stderr]).toEqual([path, '']);
      chownSync(path, 0, 0);
    }
  });

  test('refuses a folder where a program of ours should be, and replaces a link to one', async () => {
    const image = new Image(shell);
    const program = join(image.bin, 'registry-auth');
    mkdirSync(program, { recursive: true });
    const refused = expect.stringContaining('registry-auth: is a folder, and our program must be');
    expect(await image.install()).toMatchObject({ status: 1, stderr: refused });
    expect(readdirSync(image.bin, { recursive: true })).toEqual(['registry-auth']);
    rmSync(program, { recursive: true });
    mkdirSync(join(image.root, 'elsewhere'));
    symlinkSync(join(image.root, 'elsewhere'), program);
    expect(await image.install()).toMatchObject(DONE);
    expect(await image.run('registry-auth', HOOK)).toEqual(QUIET);
    expect(readdirSync(join(image.root, 'elsewhere'))).toEqual([]);
  });

  test('keeps the stricter of the options that are there, and says so', async () => {
    const image = new Image(shell);
    const half = { A_CONTAINER_REGISTRY_USER: 'me' };
    expect(await image.install({ STRICT: 'true', CREDENTIALS: 'helper' })).toMatchObject(DONE);
    expect(await image.run('registry-auth', HOOK, half)).toMatchObject({ status: 1 });
    const second = await image.install({ STRICT: 'false', PREBUILD: 'skip', CHECK: 'true' });
    expect(second).toMatchObject({
      ...DONE,
      stderr: expect.stringMatching(/^(registry-auth: .*\n)+$/),
    });
    expect(second.stderr).toContain('option strict: true, because the image has true already');
    expect(second.stderr).toContain('option prebuild: "skip"; the image had "helper"');
    expect(await image.run('registry-auth', HOOK, half)).toMatchObject({ status: 1 });
    const options = JSON.parse(readFileSync(join(image.share, 'options.json'), 'utf8'));
    expect(options).toMatchObject({ strict: true, prebuild: 'skip', credentials: 'helper' });
  });

  test('refuses an option that does not exist, with our name in each line', async () => {
    const image = new Image(shell);
    const given = join(image.feature, 'devcontainer-features.env');
    writeFileSync(given, 'CREDENTIAL="helper"\nSTRICT="true"\n');
    const { status, stderr } = await image.install({ STRICT: 'true' });
    expect([status, stderr]).toEqual([
      1,
      'registry-auth: option credential: does not exist [OPTION_UNKNOWN]\n' +
        'registry-auth:   fix: did you mean credentials?\n',
    ]);
    expect(existsSync(join(image.root, 'usr'))).toBe(false);
    writeFileSync(given, 'STRICT="true"\nNODEMIRROR="https://nodejs.org/dist"\n');
    expect(await image.install({ STRICT: 'true' })).toMatchObject(DONE);
  });

  test('refuses a wrong option before it touches anything', async () => {
    const image = new Image(shell);
    const refused = { status: 1, stdout: '', stderr: expect.stringContaining('[OPTION_INVALID]') };
    expect(await image.install({ CREDENTIALS: 'files' })).toEqual(refused);
    expect(existsSync(join(image.root, 'usr'))).toBe(false);
    await image.install({ CREDENTIALS: 'helper' });
    const before = contentsOf(image);
    expect(await image.install({ CREDENTIALS: 'files' })).toEqual(refused);
    expect(contentsOf(image)).toEqual(before);
  });

  const MOMENTS = ['mktemp', 'mkdir', 'cp', 'chmod', 'mv', 'ln'].flatMap((tool) =>
    [1, 2].map((nth) => [tool, nth] as const),
  );

  for (const [how, stop] of [
    ['fails', 'breakTool'],
    ['is told to end', 'interruptTool'],
  ] as const) {
    test(`leaves the installation before it as it was, wherever it ${how}`, async () => {
      const image = new Image(shell);
      await image.install({ CREDENTIALS: 'helper' });
      const before = contentsOf(image);
      const stopped: string[] = [];
      for (const [tool, nth] of MOMENTS) {
        image[stop](tool, nth);
        const { status } = await image.install({ CREDENTIALS: 'file' });
        image[stop](tool, 0);
        if (status === 0) await image.install({ CREDENTIALS: 'helper' });
        else stopped.push(`${tool} ${nth}`);
        expect([tool, nth, contentsOf(image)]).toEqual([tool, nth, before]);
      }
      expect(stopped).toEqual(expect.arrayContaining(['cp 1', 'mv 1', 'mv 2', 'ln 1', 'ln 2']));
    });

    test(`leaves nothing of a first installation that ${how}`, async () => {
      for (const [tool, nth] of MOMENTS.slice(4)) {
        const image = new Image(shell);
        image[stop](tool, nth);
        const { status } = await image.install();
        if (status !== 0) expect([tool, nth, contentsOf(image)]).toEqual([tool, nth, {}]);
      }
    });
  }

  test('says with a code that it cannot write', async () => {
    const image = new Image(shell);
    const said = / cannot be written to \[INSTALL_FAILED\]\nregistry-auth: {3}fix: .*\n$/;
    for (const tool of ['mktemp', 'mkdir', 'cp', 'chmod', 'mv', 'ln']) {
      image.breakTool(tool, 1);
      const failed = { status: 1, stdout: '', stderr: expect.stringMatching(said) };
      expect([tool, await image.install()]).toEqual([tool, failed]);
      image.breakTool(tool, 0);
    }
  });

  test('takes less than 2 MB', async () => {
    const image = new Image(shell);
    await image.install();
    const sizes = Object.keys(contentsOf(image)).map((path) => lstatSync(path).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(2e6);
  });
});
