import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILT } from '../support/built.ts';
import { type Finished, runOrThrow } from '../support/run.ts';
import { loginsOf, triple } from '../support/triples.ts';
import { importMinimalImage } from './support/base-image.ts';
import { readConfig } from './support/config-file.ts';
import { type DevContainer, devcontainerUp } from './support/container.ts';
import { docker, dockerOrThrow } from './support/engine.ts';
import { CHANGED, type NodeMirror, startNodeMirror } from './support/node-mirror.ts';
import { publish } from './support/published.ts';
import { readyState } from './support/state.ts';
import type { Wish } from './support/workspace.ts';

const state = readyState();
const { host, user, password, image: privateImage } = state.privateRegistry;
const LOCAL = triple('LOCAL', host, user, password);
const LOGIN = { [host]: `${user}:${password}` };
const MB = 1e6;

let mirror: NodeMirror;
let feature: string;
beforeAll(async () => {
  mirror = await startNodeMirror(state);
  feature = await publish(state, 'pinned', mirror.pin);
});
afterAll(() => mirror.close());

/** A dev container of a user that is not root, with the Feature and a Node from the mirror. */
function up(dockerfile: string, wish: Wish = {}): Promise<DevContainer> {
  const features = { [feature]: { nodeMirror: mirror.url } };
  return devcontainerUp({ user: 'dev', dockerfile, features, secrets: LOCAL, ...wish });
}

/** Every file of an image, with its size, but for what the dev container CLI leaves of its own. */
async function filesOf(image: string): Promise<string[]> {
  const find = 'find / -xdev ! -type d ! -path "/tmp/dev-container-features/*" -printf "%p %s\\n"';
  const words = ['run', '--rm', '--network=none', '--user=root', '--entrypoint=sh', image];
  const { stdout } = await dockerOrThrow(state, [...words, '-c', find]);
  return stdout.trim().split('\n').sort();
}

async function sizeOf(image: string): Promise<number> {
  const inspect = ['image', 'inspect', '--format', '{{.Size}}', image];
  return Number((await dockerOrThrow(state, inspect)).stdout);
}

/** Where an image's files of ours are, apart from the commands. */
const SHARE = '/usr/local/share/registry-auth/';

describe.each(['bookworm', 'trixie'])('on a %s with nothing but apt', (suite) => {
  let base: string;
  beforeAll(async () => {
    base = await importMinimalImage(state, suite);
  });

  describe('a dev container', () => {
    let container: DevContainer;
    beforeAll(async () => {
      container = await up(`FROM ${base}\n`);
    });
    afterAll(() => container?.down());

    test('has nothing that downloads, no certificate and no Node', async () => {
      const look = 'for p in curl wget node; do command -v $p; done; ls -A /etc/ssl/certs';
      expect(await container.exec(look)).toMatchObject({ stdout: '' });
    });

    test('comes up, and each of the four hooks has logged in', async () => {
      expect(container).toMatchObject({ status: 0 });
      const phases = ['onCreate', 'updateContent', 'postCreate', 'postStart'];
      const said = [
        ...container.output.matchAll(/Running the (\w+)Command from Feature|1 registry/g),
      ];
      const expected = phases.flatMap((phase) => [phase, undefined]);
      expect(said.map(([, phase]) => phase)).toEqual(expected);
    });

    test('has a file with which a client gets in', async () => {
      const text = await readConfig(container);
      expect(loginsOf(text)).toEqual(LOGIN);
      const authfile = join(mkdtempSync(join(state.dir, 'config-')), 'config.json');
      writeFileSync(authfile, text);
      const inspect = ['inspect', '--tls-verify=false', '--authfile', authfile];
      await runOrThrow('skopeo', [...inspect, `docker://${privateImage}`]);
    });

    test('has grown by less than 130 MB', async () => {
      const grown = (await sizeOf(await container.image())) - (await sizeOf(base));
      expect(grown).toBeLessThan(130 * MB);
    });

    test('has two more commands, and else everything as it was', async () => {
      const [before, after] = [await filesOf(base), await filesOf(await container.image())];
      const added = after.filter((file) => !before.includes(file) && !file.startsWith(SHARE));
      expect(added.map((file) => file.replace(/ \d+$/, ''))).toEqual([
        '/usr/local/bin/docker-credential-registry-auth',
        '/usr/local/bin/registry-auth',
      ]);
      expect(before.filter((file) => !after.includes(file))).toEqual([]);
    });

    test('does not care for a Node that comes later, as with `nvm use 16`', async () => {
      const later =
        'mkdir /tmp/old && printf "#!/bin/sh\\nexit 1\\n" >/tmp/old/node && chmod +x /tmp/old/node';
      const hook = `${later} && PATH=/tmp/old:$PATH registry-auth hook postStart`;
      expect(await container.exec(hook, { env: LOCAL })).toMatchObject({
        status: 0,
        stdout: 'registry-auth: 1 registry ready: LOCAL (other)\n',
      });
    });
  });

  test('taking the Feature out leaves nothing', async () => {
    const volume = `${state.run}-home-${suite}`;
    const home = { mounts: [`type=volume,source=${volume},target=/home/dev`] };
    const container = await up(`FROM ${base}\n`, home);
    const logout = await container.exec('registry-auth logout');
    const config = await readConfig(container);
    await container.down();
    const after = await up(`FROM ${base}\n`, { ...home, features: {} });
    const find = "find / -xdev ! -path '/workspaces/*' -name '*registry-auth*'";
    const left = await after.exec(find, { user: 'root' });
    await after.down();
    await docker(state, ['volume', 'rm', volume]);
    expect(logout).toMatchObject({ status: 0 });
    expect(JSON.parse(config)).toEqual({ auths: {} });
    expect(left.stdout).toBe('');
  });

  /** Runs install.sh as the build does, in a container with these changes, and what comes after. */
  async function install(
    change: string,
    after = ':',
    more: readonly string[] = [],
  ): Promise<Finished> {
    const folder = join(mkdtempSync(join(state.dir, 'feature-')), 'registry-auth');
    cpSync(BUILT, folder, { recursive: true });
    mirror.pin(folder);
    mirror.agents.length = 0;
    const words = ['run', '--rm', '--network=host', '--user=root', '--entrypoint=sh'];
    const mount = ['--volume', `${folder}:/feature`, '--env', `NODEMIRROR=${mirror.url}`];
    const script = `(${change}) >/dev/null 2>&1; sh /feature/install.sh; echo "status $?"; ${after}`;
    return docker(state, [...words, ...mount, ...more, base, '-c', script]);
  }

  const get = (packages: string) =>
    `apt-get update && apt-get install --yes --no-install-recommends ${packages}`;
  const PACKAGES = '{ dpkg-query --show; find /var/lib/apt /var/cache/apt | sort; }';

  test.each([
    ['curl', get('curl ca-certificates'), /^curl\//],
    ['curl without certificates', get('curl'), /^curl\//],
    ['wget', get('wget'), /^Wget\//],
    ['apt', ':', /^Debian APT/],
  ])('it downloads with %s', async (_, change, agent) => {
    const { stdout, stderr } = await install(change, 'registry-auth --version');
    expect({ stdout, stderr }).toEqual({
      stdout: expect.stringMatching(/^status 0\nregistry-auth \d+\.\d+\.\d+\nNode \d+/m),
      stderr: '',
    });
    expect(mirror.agents).toEqual([expect.stringMatching(agent)]);
  });

  test('it borrows curl where even apt cannot download, and gives it back', async () => {
    const change = `rm /usr/lib/apt/apt-helper; ${PACKAGES} >/before`;
    const look = `${PACKAGES} | diff /before - && ! command -v curl && echo as before`;
    const { stdout } = await install(change, look);
    expect(stdout).toMatch(/^status 0\nas before\n$/m);
    expect(mirror.agents).toEqual([expect.stringMatching(/^curl\//)]);
  });

  const refused = (code: string, text: string) => ({
    stdout: expect.stringMatching(/^status 1\n$/m),
    stderr: expect.stringMatching(
      new RegExp(`^registry-auth: Node: .*${text}.* \\[${code}\\]\nregistry-auth:   fix: .*\n$`),
    ),
  });
  const LEFT = 'ls -A /usr/local/bin /usr/local/share | grep registry';

  test.each([
    ['no tar', 'rm /usr/bin/tar', 'NODE_NOT_UNPACKED', 'tar'],
    ['no gzip', 'rm /usr/bin/gzip', 'NODE_NOT_UNPACKED', 'gzip'],
    ['another CPU', 'mv /feature/uname /usr/local/bin', 'NODE_CPU_UNKNOWN', 'riscv64'],
  ])('one error tells of %s', async (_, change, code, text) => {
    const prepare = `printf '#!/bin/sh\\necho riscv64\\n' >/feature/uname; chmod +x /feature/uname`;
    const { stdout, stderr } = await install(`${prepare}; ${change}`, LEFT);
    expect({ stdout, stderr }).toMatchObject(refused(code, text));
  });

  test('one error tells of a full disk', async () => {
    const disk = ['--tmpfs', '/usr/local/share:size=150m'];
    const { stdout, stderr } = await install(':', LEFT, disk);
    expect({ stdout, stderr }).toMatchObject(refused('NODE_NO_ROOM', '15\\d MB are free'));
  });

  test('one error tells of a mirror that is not there', async () => {
    const { stdout, stderr } = await install(':', LEFT, ['--env', 'NODEMIRROR=http://127.0.0.1:9']);
    expect({ stdout, stderr }).toMatchObject(refused('NODE_NOT_DOWNLOADED', '127.0.0.1:9'));
  });

  test('a changed archive is refused, and the installation before it still works', async () => {
    const pins = '/feature/node-runtime.txt';
    const newer = `sed -i 's/-v[0-9.]*-linux/-${CHANGED}-linux/' ${pins}`;
    const again = `${newer}; sh /feature/install.sh 2>&1; echo "status $?"; registry-auth hook postStart`;
    const { stdout } = await install(':', again);
    expect(stdout).toMatch(
      /is [0-9a-f]{64} and must be [0-9a-f]{64} \[NODE_SUM_WRONG\]\nregistry-auth: {3}fix: /,
    );
    expect(stdout).toMatch(
      /^status 1\nregistry-auth: no registry secrets found; nothing to do\n$/m,
    );
  });
});
