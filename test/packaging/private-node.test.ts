import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest } from '@jest/globals';
import { BareImage } from '../process/support/bare-image.ts';
import { OPEN_NODE } from '../process/support/nobody.ts';
import { describeInShells } from '../process/support/shells.ts';
import { writeProgram } from '../support/built.ts';

// Several processes of ours in one test, on a machine that may be busy.
jest.setTimeout(30_000);

const HOOK = ['hook', 'postStart'];
const NOTHING = 'registry-auth: no registry secrets found; nothing to do\n';
const QUIET = { status: 0, stdout: NOTHING, stderr: '' };

const PIN = 'v24.21.0';
const NEXT_PIN = 'v24.22.0';
const archive = (platform: string, pin = PIN) => `node-${pin}-${platform}.tar.gz`;
const URL = `https://nodejs.org/dist/${PIN}/${archive('linux-x64')}`;
/** Where it is downloaded to. */
const FILE = `/usr/local/share/staged/${archive('linux-x64')}`;

const CURL =
  'curl --fail --silent --show-error --location --connect-timeout 30 --max-time 600 ' +
  '--speed-limit 10000 --speed-time 60 --retry 2 --output';
const WGET = 'wget -q -t 2 -T 60 -O';
const APT_HELPER =
  'apt-helper -o APT::Sandbox::User=root -o Acquire::https::Verify-Peer=false ' +
  '-o Acquire::https::Verify-Host=false download-file';
const APT = 'apt-get --yes';

/** What each package manager is called with before it adds, to add and to remove. */
const MANAGERS = {
  'apt-get': [[`${APT} update`], `${APT} install --no-install-recommends`, `${APT} purge`],
  apk: [[], 'apk add --no-cache', 'apk del'],
  dnf: [[], 'dnf -y install', 'rpm --erase'],
  microdnf: [[], 'microdnf -y install', 'rpm --erase'],
  tdnf: [[], 'tdnf -y install', 'rpm --erase'],
  zypper: [[], 'zypper --non-interactive install --no-recommends', 'rpm --erase'],
} as const;

const LIBRARIES: Readonly<Record<string, string>> = {
  'apt-get': 'libstdc++6',
  zypper: 'libstdc++6',
};

const [DD, TIMEOUT, SLEEP] = ['dd', 'timeout', 'sleep'].map((name) =>
  ['/usr/bin', '/bin'].map((folder) => join(folder, name)).find(existsSync),
);

/** What a failed installation leaves in an image that had nothing. */
const NOTHING_LEFT = ['bin', 'share'];

describeInShells('install.sh without Node', (shell, test) => {
  function withCurl(machine?: string): BareImage {
    const image = new BareImage(shell, machine);
    image.serve();
    image.addDownloader('curl');
    return image;
  }

  function done({ share }: BareImage, pin = PIN) {
    const getting = `registry-auth: no Node 20.12 or newer in this image; getting ${pin} for us alone`;
    const installed = `registry-auth: installed, runs with ${share}/node/bin/node (${pin})`;
    return { status: 0, stdout: `${getting}\n${installed}\n`, stderr: '' };
  }

  /** One error with its code, which says these words in their order, and a fix. */
  function refused(code: string, ...words: string[]) {
    const pattern = `^registry-auth: .*${words.map(literally).join('.*')}.*`;
    return {
      status: 1,
      stderr: expect.stringMatching(
        new RegExp(`${pattern} \\[${code}\\]\nregistry-auth: {3}fix: .+\n$`),
      ),
    };
  }

  function literally(text: string): string {
    return text.replace(/[.+()[\]]/g, '\\$&');
  }

  test('gets one of its own, which is on nobody’s PATH', async () => {
    const image = withCurl();
    expect(await image.install()).toEqual(done(image));
    expect(image.left()).toEqual([
      'bin',
      'bin/docker-credential-registry-auth',
      'bin/registry-auth',
      'share',
      'share/registry-auth',
      'share/registry-auth/bin',
      'share/registry-auth/bin/docker-credential-registry-auth',
      'share/registry-auth/bin/registry-auth',
      'share/registry-auth/node',
      'share/registry-auth/node/LICENSE',
      'share/registry-auth/node/bin',
      'share/registry-auth/node/bin/node',
      'share/registry-auth/options.json',
    ]);
    expect(await image.run('registry-auth', HOOK)).toEqual(QUIET);
  });

  test('takes an old Node for none', async () => {
    const image = withCurl();
    image.addTool('node', 'exit 65');
    expect(await image.install()).toEqual(done(image));
  });

  test('asks curl, wget and apt, one after the other', async () => {
    const image = new BareImage(shell);
    image.serve();
    image.addDownloader('apt-helper');
    image.addDownloader('wget', 'no certificates');
    image.addDownloader('curl', 'no certificates');
    expect(await image.install()).toEqual(done(image));
    expect(image.takeCalls()).toEqual([
      `${CURL} ${FILE} ${URL}`,
      `${WGET} ${FILE} ${URL}`,
      `${APT_HELPER} ${URL} ${FILE}`,
    ]);
  });

  for (const mirror of ['https://mirror.example.com/a/b', 'http://127.0.0.1:8080/node/'])
    test(`asks ${mirror}`, async () => {
      const image = new BareImage(shell);
      image.serve({ mirror: mirror.split('://')[1] ?? '' });
      image.addDownloader('curl');
      expect(await image.install({ NODEMIRROR: mirror })).toEqual(done(image));
    });

  const noMirrors = ['ftp://a', 'a.example.com', 'https://', 'https://u:secret@a/b', "http://a'b"];
  for (const mirror of [...noMirrors, 'http://a b', 'http://a\nb', 'http://$(id)'])
    test(`refuses ${JSON.stringify(mirror)} as a mirror`, async () => {
      const image = withCurl();
      const finished = await image.install({ NODEMIRROR: mirror });
      expect(finished).toMatchObject(refused('OPTION_INVALID', 'nodeMirror'));
      expect(finished.stderr).not.toContain('secret');
      expect(image.left()).toEqual([]);
    });

  for (const [machine, platform] of [
    ['x86_64', 'linux-x64'],
    ['amd64', 'linux-x64'],
    ['aarch64', 'linux-arm64'],
    ['arm64', 'linux-arm64'],
  ] as const)
    test(`takes the archive of ${platform} for ${machine}`, async () => {
      const image = withCurl(machine);
      expect(await image.install()).toEqual(done(image));
      expect(image.takeCalls()).toEqual([expect.stringContaining(archive(platform))]);
    });

  test('says that there is none for a CPU', async () => {
    const image = withCurl('riscv64');
    expect(await image.install()).toMatchObject(refused('NODE_CPU_UNKNOWN', 'riscv64'));
    expect(image.left()).toEqual(NOTHING_LEFT);
  });

  function addMusl(image: BareImage, ldd: string): void {
    mkdirSync(join(image.root, 'lib'));
    writeFileSync(join(image.root, 'lib/ld-musl-any.so.1'), '');
    image.addTool('ldd', `echo '${ldd}' >&2`);
  }

  test('takes the archive for musl where that is the C library, not a package', async () => {
    for (const [ldd, platform] of [
      ['musl libc (x86_64)', 'linux-x64-musl'],
      ['ldd (Debian GLIBC 2.36-9) 2.36', 'linux-x64'],
      ['ldd (GNU libc) 2.38', 'linux-x64'],
    ] as const) {
      const image = withCurl();
      addMusl(image, ldd);
      expect(await image.install()).toEqual(done(image));
      expect(image.takeCalls()).toEqual([expect.stringContaining(archive(platform))]);
    }
  });

  test('takes the package of Alpine where there is no archive', async () => {
    const image = withCurl('aarch64');
    addMusl(image, 'musl libc (aarch64)');
    const none = refused('NODE_MISSING', 'there is no package manager');
    expect(await image.install()).toMatchObject(none);
    image.addTool('node', 'exit 65');
    image.addManager('apk', { nodejs: 'node' });
    expect(await image.install()).toMatchObject(refused('NODE_MISSING'));
    writeProgram(join(image.root, 'packages/nodejs/node'), `#!/bin/sh\nexec '${OPEN_NODE}' "$@"\n`);
    image.removeTool('node');
    expect(await image.install()).toMatchObject({ status: 0, stderr: '' });
    expect(image.takeCalls()).toEqual(Array(2).fill('apk add --no-cache nodejs'));
    expect(await image.run('registry-auth', HOOK)).toEqual(QUIET);
  });

  test('refuses a changed archive, names both sums and leaves what is there at work', async () => {
    const image = withCurl();
    expect(await image.install({ STRICT: 'true' })).toEqual(done(image));
    const before = image.left();
    image.serve({ version: NEXT_PIN });
    image.change(NEXT_PIN);
    const pins = readFileSync(join(image.feature, 'node-runtime.txt'), 'utf8');
    const [sum = ''] =
      new RegExp(`^.*(?=  ${archive('linux-x64', NEXT_PIN)})`, 'm').exec(pins) ?? [];
    const { stderr, ...finished } = await image.install();
    expect({ stderr, ...finished }).toMatchObject(refused('NODE_SUM_WRONG', ` must be ${sum}`));
    expect(stderr).toMatch(/ is [0-9a-f]{64} and must be [0-9a-f]{64} /);
    expect(image.left()).toEqual(before);
    const half = { A_CONTAINER_REGISTRY_USER: 'me' };
    expect(await image.run('registry-auth', HOOK, half)).toMatchObject({ status: 1 });
  });

  test('keeps its own Node until another one is pinned', async () => {
    const image = withCurl();
    await image.install();
    image.takeCalls();
    const finished = await image.install({ PREBUILD: 'skip' });
    expect(finished.stdout).toBe(done(image).stdout.split('\n').slice(1).join('\n'));
    expect(image.takeCalls()).toEqual([]);
    expect(await image.run('registry-auth', HOOK)).toEqual(QUIET);
    image.serve({ version: NEXT_PIN });
    expect(await image.install({ PREBUILD: 'skip' })).toEqual(done(image, NEXT_PIN));
  });

  test('refuses a wrong option before anything is in its place', async () => {
    const image = withCurl();
    expect(await image.install({ CREDENTIALS: 'files' })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('[OPTION_INVALID]'),
    });
    expect(image.left()).toEqual(NOTHING_LEFT);
  });

  test('says what the download said', async () => {
    const image = new BareImage(shell);
    image.serve();
    const nothing = refused('NODE_NOT_DOWNLOADED', URL, 'there is no package manager');
    expect(await image.install()).toMatchObject(nothing);
    image.addDownloader('curl', 'could not resolve host');
    const curl = refused('NODE_NOT_DOWNLOADED', URL, 'curl: could not resolve host');
    expect(await image.install()).toMatchObject(curl);
    expect(image.left()).toEqual(NOTHING_LEFT);
  });

  test('says what is wrong, without the lesson that comes after it', async () => {
    const image = new BareImage(shell);
    image.serve();
    const tell = (words: string) => `printf '${words}' >&2; exit 1`;
    const said = (words: string) => ({
      status: 1,
      stderr: expect.stringContaining(`.tar.gz: ${words} [NODE_NOT_DOWNLOADED]`),
    });
    const lesson =
      'More details here: https://curl.se/\\n\\ncurl failed to\\nvisit what is mentioned above.';
    image.addTool('curl', tell(`curl: (60) no certificate\\n${lesson}\\n`));
    expect(await image.install()).toMatchObject(said('curl: (60) no certificate'));
    const trouble = `#!/bin/sh\n${tell('E: Failed to fetch it\\nE: Download Failed\\n')}\n`;
    writeProgram(join(image.root, 'usr/lib/apt/apt-helper'), trouble);
    expect(await image.install()).toMatchObject(said('E: Failed to fetch it'));
  });

  test('goes on from nothing that a broken download left', async () => {
    const image = new BareImage(shell);
    image.serve();
    image.addTool('curl', 'while [ $# -gt 2 ]; do shift; done; echo half >"$1"; exit 18');
    image.addDownloader('wget');
    const wget = readFileSync(join(image.tools, 'wget'), 'utf8');
    image.addTool('wget', `[ ! -e "$7" ] || exit 1\n${wget}`);
    expect(await image.install()).toEqual(done(image));
  });

  test('takes a package that is there for installed, whatever its manager says', async () => {
    const image = new BareImage(shell);
    image.serve();
    image.addDownloader('curl');
    image.addManager('zypper', { curl: 'curl' });
    const zypper = readFileSync(join(image.tools, 'zypper'), 'utf8');
    // Installed, but a script of a package has failed.
    image.addTool('zypper', `${zypper}\nexit 107`);
    expect(await image.install()).toEqual(done(image));
  });

  test('says that the disk is full', async () => {
    const image = withCurl();
    image.addTool(
      'df',
      `echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'
      echo 'overlay 1000000 810001 189999 82% /'`,
    );
    expect(await image.install()).toMatchObject(refused('NODE_NO_ROOM', '189 MB', '190 MB'));
    image.removeTool('df');
    image.addTool('tar', 'cat >/dev/null; echo "tar: no space" >&2; exit 2');
    expect(await image.install()).toMatchObject(refused('NODE_NOT_UNPACKED', 'tar: no space'));
    expect(image.left()).toEqual(NOTHING_LEFT);
  });

  for (const tool of ['curl', 'wget', 'apt-helper'] as const)
    test(`ends ${tool} where a mirror sends without an end, or hardly at all`, async () => {
      const image = new BareImage(shell);
      image.serve();
      const place = tool === 'apt-helper' ? 'usr/lib/apt/apt-helper' : `tools/${tool}`;
      const file = tool === 'apt-helper' ? '$2' : '$1';
      const endless = (command: string) => {
        const last = 'while [ $# -gt 2 ]; do shift; done';
        writeProgram(join(image.root, place), `#!/bin/sh\n${last}\nexec ${command}\n`);
      };
      const script = join(image.feature, 'private-node.sh');
      const text = readFileSync(script, 'utf8');
      writeFileSync(script, text.replace('ulimit -f 300000', 'ulimit -f 3000'));
      const nothing = refused('NODE_NOT_DOWNLOADED');
      endless(`'${DD}' if=/dev/zero of="${file}" bs=65536`);
      expect(await image.install()).toMatchObject(nothing);
      image.addTool('timeout', `exec '${TIMEOUT}' "$@"`);
      writeFileSync(script, text.replace('LIMIT=600', 'LIMIT=1'));
      endless(`'${SLEEP}' 60`);
      expect(await image.install()).toMatchObject(nothing);
      expect(image.left()).toEqual(NOTHING_LEFT);
    });

  test('says which tool is missing', async () => {
    for (const tool of ['tar', 'gzip', 'sha256sum']) {
      const image = withCurl();
      image.removeTool(tool);
      expect(await image.install()).toMatchObject(refused('NODE_NOT_UNPACKED', `no ${tool}`));
      expect(image.left()).toEqual(NOTHING_LEFT);
    }
  });

  test('says why the Node does not run', async () => {
    const image = new BareImage(shell);
    image.addDownloader('curl');
    image.serve({ library: 'libc-2.28' });
    expect(await image.install()).toMatchObject(refused('NODE_DOES_NOT_RUN', PIN, 'no libc-2.28'));
    expect(image.left()).toEqual(NOTHING_LEFT);
  });

  for (const [manager, [before, add, take]] of Object.entries(MANAGERS)) {
    const library = LIBRARIES[manager] ?? 'libstdc++';

    test(`borrows curl and tar from ${manager}, and keeps a library`, async () => {
      const image = new BareImage(shell);
      image.serve({ library: 'library' });
      image.addDownloader('curl');
      image.addTool('library', '');
      image.addManager(manager, { curl: 'curl', tar: 'tar', [library]: 'library' });
      expect(await image.install()).toEqual(done(image));
      const alpine = manager === 'apk' ? ' libgcc' : '';
      expect(image.takeCalls()).toEqual([
        ...[...before, `${add} tar`],
        ...[...before, `${add} curl ca-certificates`],
        `${CURL} ${FILE} ${URL}`,
        `${take} tar curl`,
        ...[...before, `${add} ${library}${alpine}`],
      ]);
      const there = ['curl', 'tar', 'library'].map((tool) => existsSync(join(image.tools, tool)));
      expect(there).toEqual([false, false, true]);
    });

    test(`gives back to ${manager} what it borrowed, also where it fails`, async () => {
      const image = new BareImage(shell);
      image.serve();
      image.addDownloader('curl', 'no route');
      image.addManager(manager, { curl: 'curl' });
      const failed = refused('NODE_NOT_DOWNLOADED', 'curl: no route');
      expect(await image.install()).toMatchObject(failed);
      expect(image.takeCalls().at(-1)).toBe(`${take} curl`);
    });
  }

  test('removes no package where it cannot tell which were there before', async () => {
    const install = 'tdnf -y install curl ca-certificates';
    for (const when of ['always', 'until there is a curl']) {
      const image = new BareImage(shell);
      image.serve();
      image.addDownloader('curl');
      image.addManager('tdnf', { curl: 'curl' });
      const rpm = readFileSync(join(image.tools, 'rpm'), 'utf8');
      image.addTool('rpm', when === 'always' ? 'exit 1' : `command -v curl || exit 1\n${rpm}`);
      expect(await image.install()).toEqual(done(image));
      expect([when, image.takeCalls()]).toEqual([when, [install, `${CURL} ${FILE} ${URL}`]]);
    }
  });

  test('leaves the caches of package managers as they were', async () => {
    const image = new BareImage(shell);
    image.serve();
    image.addDownloader('curl');
    const [full, empty] = ['dnf', 'libdnf5'].map((name) => join(image.root, 'var/cache', name));
    for (const folder of [full, empty]) mkdirSync(`${folder}`, { recursive: true });
    writeFileSync(`${full}/list`, '');
    image.addManager('dnf', { curl: 'curl' });
    const dnf = readFileSync(join(image.tools, 'dnf'), 'utf8');
    image.addTool('dnf', `${dnf}\n: >${full}/new; : >${empty}/new`);
    expect(await image.install()).toEqual(done(image));
    expect([existsSync(`${full}/list`), existsSync(`${empty}/new`)]).toEqual([true, false]);
  });
});
