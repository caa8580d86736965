import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { installWrappers, LIB } from '../support/built.ts';
import { leaveLock } from '../support/lock.ts';
import { testWith } from '../support/needs.ts';
import { CANARY, expectNoSecret, runBundle, scratchHome } from '../support/process.ts';
import { run, whyNot } from '../support/run.ts';
import { triple } from '../support/triples.ts';
import { CONFIG, GOOD, LOGINS, loginsIn, newCli, readHome } from './support/cli.ts';
import { found, helper } from './support/helper.ts';
import { installAlone as install } from './support/installed.ts';
import { OPEN_NODE } from './support/nobody.ts';
import { BOB, EVE, give, ROOT, rootsFolder } from './support/places.ts';

/** Whose place it is: root acts as the owner, and another user's files are not believed. */
const cli = newCli(runBundle);
const ADA = { 'good.example': `ada:${CANARY}` };
const ROTATED = triple('GOOD', 'good.example', 'ada', 'a-newer-password');
const TEAM = Object.entries(triple('TEAM', 'team.example', 'root', 'of-root-alone'))
  .map(([name, value]) => `${name}='${value}'\n`)
  .join('');
const LINE = `//npm.pkg.github.com/:_authToken=\${GITHUB_TOKEN}`;

function ownerOf(path: string): string {
  const { uid, gid, mode } = lstatSync(path);
  return `${uid}:${gid} ${(mode & 0o777).toString(8)}`;
}

/** Writes files below a folder, whose directories and files are for their owner alone. */
function put(folder: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, path), text, { mode: 0o600 });
  }
  return folder;
}

/** A home of bob's with these files. */
function bobsHome(files: Record<string, string> = {}): string {
  const home = join(rootsFolder(), 'bob');
  mkdirSync(home, { mode: 0o755 });
  return give(put(home, files), BOB);
}

/** A config.json whose record names an env file. */
const naming = (file: string) =>
  JSON.stringify({ plugins: { 'registry-auth': { 'x.io': `X entry:01234567 file:${file}` } } });

function linkOf(uid: number, target: string, path: string): void {
  symlinkSync(target, path);
  lchownSync(path, uid, uid);
}

describe("root in another user's home", () => {
  testWith([ROOT], "writes what is that user's, from the first time on", async () => {
    const home = bobsHome();
    for (const env of [GOOD, GOOD, ROTATED]) {
      const { status, stderr } = await cli(['apply'], { home, env });
      expect([status, stderr]).toEqual([0, expect.stringContaining('[CONFIG_OF_ANOTHER]')]);
    }
    expect(loginsIn(home)).toEqual({ 'good.example': 'ada:a-newer-password' });
    expect(ownerOf(join(home, '.docker'))).toBe(`${BOB}:${BOB} 700`);
    expect(ownerOf(join(home, CONFIG))).toBe(`${BOB}:${BOB} 600`);
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });

  testWith([ROOT], 'reads and writes it where its owner may not go the way there', async () => {
    // As the host's ~/.docker that is mounted at /root/.docker.
    const home = join(rootsFolder(), 'root');
    mkdirSync(home, { mode: 0o700 });
    give(put(home, { [CONFIG]: '{"auths":{}}', [LOGINS]: '{}' }), BOB);
    chownSync(home, 0, 0);
    const options = { home, env: GOOD };
    expect(await cli(['apply'], options)).toMatchObject({ status: 0 });
    expect(await cli(['apply'], options)).toMatchObject({
      stdout: expect.stringContaining('unchanged'),
    });
    expect(loginsIn(home)).toEqual(ADA);
    expect(ownerOf(join(home, CONFIG))).toBe(`${BOB}:${BOB} 600`);
    expect(await cli(['status'], options)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('[CONFIG_OF_ANOTHER]'),
    });
    expect(await helper('get', 'good.example', options, runBundle)).toEqual(
      found('good.example', 'ada', CANARY),
    );
    const login = JSON.stringify({ ServerURL: 'r.io', Username: 'bob', Secret: CANARY });
    expect(await helper('store', login, options, runBundle)).toMatchObject({ status: 0 });
    expect(ownerOf(join(home, LOGINS))).toBe(`${BOB}:${BOB} 600`);
    expect(await cli(['logout'], options)).toMatchObject({ status: 0 });
    expect(loginsIn(home)).toEqual({});
  });

  testWith(
    [ROOT],
    'also where a link of root leads to it, and links of the owner go on',
    async () => {
      const home = join(rootsFolder(), 'root');
      mkdirSync(home, { mode: 0o700 });
      const bobs = bobsHome({ 'dots/docker.json': '{}', '.docker/x': '' });
      linkOf(BOB, '../dots/docker.json', join(bobs, CONFIG));
      symlinkSync(join(bobs, '.docker'), join(home, '.docker'));
      expect(await cli(['apply'], { home, env: GOOD })).toMatchObject({ status: 0 });
      expect(readHome(bobs, 'dots/docker.json')).toContain('good.example');
      expect(ownerOf(join(bobs, 'dots/docker.json'))).toBe(`${BOB}:${BOB} 600`);
      expect(ownerOf(join(bobs, CONFIG))).toMatch(`${BOB}:${BOB} `);
    },
  );

  testWith([ROOT], 'needs no right of that user to our own folder', async () => {
    const share = rootsFolder();
    const npm = join(share, 'lib');
    cpSync(LIB, npm, { recursive: true });
    chmodSync(share, 0o700);
    const file = join(put(rootsFolder(), { 'team.env': TEAM }), 'team.env');
    chmodSync(file, 0o644);
    const home = bobsHome({ [CONFIG]: naming(file) });
    const words = [join(npm, 'start.cjs'), 'registry-auth', 'apply'];
    const { status, stderr } = await run(process.execPath, words, { home, env: GOOD });
    expect([status, stderr]).toEqual([0, expect.stringContaining('[CONFIG_OF_ANOTHER]')]);
    expect(Object.keys(loginsIn(home)).sort()).toEqual(['good.example', 'team.example']);
  });

  testWith([ROOT], 'is not spoken of where the way there leads nowhere', async () => {
    const home = rootsFolder();
    symlinkSync('loop', join(home, 'loop'));
    for (const [folder, what] of [
      ['loop/docker', 'leads in a circle'],
      ['x'.repeat(300), 'ENAMETOOLONG'],
    ] as const) {
      const env = { ...GOOD, DOCKER_CONFIG: join(home, folder) };
      const { stderr } = await cli(['apply'], { home, env });
      expect(stderr).toContain(what);
      expect(stderr).toContain('[CONFIG_NOT_READABLE]');
    }
  });

  testWith([ROOT], 'says so where its owner may not write there', async () => {
    const home = bobsHome({ [CONFIG]: '{"auths":{}}' });
    chmodSync(join(home, '.docker'), 0o500);
    for (const words of ['apply', 'status', 'check', 'logout']) {
      const { stderr } = await cli([words], { home, env: GOOD });
      expect([words, stderr]).toEqual([words, expect.stringContaining('[CONFIG_NOT_WRITABLE]')]);
    }
    expect(readHome(home, CONFIG)).toBe('{"auths":{}}');
  });

  testWith([ROOT], 'is root again for what is its own', async () => {
    const home = bobsHome({ [CONFIG]: '{}' });
    const roots = put(rootsFolder(), { 'team.env': TEAM });
    chmodSync(roots, 0o700);
    const words = ['apply', '--env-file', join(roots, 'team.env')];
    // Two files of root's, one before and one after what is bob's.
    const { status } = await cli(words, { home, env: GOOD, cwd: roots });
    expect([status, Object.keys(loginsIn(home))]).toEqual([0, ['good.example', 'team.example']]);
    // What is remembered is read with the rights of the user who keeps the record.
    const { stderr } = await cli(['apply'], { home, env: GOOD });
    expect(stderr).toContain('team.env: is not readable by this user');
  });
});

describe("root, where another user's link or record leads to what is root's", () => {
  /** A folder of root's that bob may read, but not change. */
  const rootsProject = () => {
    const project = put(rootsFolder(), { 'Cargo.json': '{"of":"root"}', 'Cargo.lock': 'of root' });
    utimesSync(join(project, 'Cargo.lock'), 1, 1);
    leaveLock(join(project, 'Cargo.json'), 10_000, 'of root');
    chmodSync(join(project, 'Cargo.json'), 0o644);
    return project;
  };
  const listOf = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]);

  const LINKS: [name: string, link: (home: string, project: string) => void][] = [
    ['config.json', (home, to) => linkOf(BOB, join(to, 'Cargo.json'), join(home, CONFIG))],
    ['config.json, to a lock', (home, to) => linkOf(BOB, join(to, 'Cargo'), join(home, CONFIG))],
    ['config.json, to nothing yet', (home, to) => linkOf(BOB, join(to, 'n/x'), join(home, CONFIG))],
    ['the logins', (home, to) => linkOf(BOB, join(to, 'Cargo.json'), join(home, LOGINS))],
    ['the logins, to a lock', (home, to) => linkOf(BOB, join(to, 'Cargo'), join(home, LOGINS))],
    [
      'the directory',
      (home, to) => {
        rmdirSync(join(home, '.docker'));
        linkOf(BOB, to, join(home, '.docker'));
      },
    ],
    [
      'the directory, to nothing yet',
      (home, to) => {
        rmdirSync(join(home, '.docker'));
        linkOf(BOB, join(to, 'new'), join(home, '.docker'));
      },
    ],
    ['~/.npmrc', (home, to) => linkOf(BOB, join(to, 'Cargo.json'), join(home, '.npmrc'))],
    ['~/.npmrc, to a lock', (home, to) => linkOf(BOB, join(to, 'Cargo'), join(home, '.npmrc'))],
  ];

  for (const [name, link] of LINKS)
    testWith([ROOT], `changes and removes nothing there: ${name}`, async () => {
      const project = rootsProject();
      const home = bobsHome();
      mkdirSync(join(home, '.docker'), { mode: 0o700 });
      give(home, BOB);
      link(home, project);
      const before = listOf(project);
      const npm = install({ githubNpm: true });
      for (const words of ['apply', 'hook postStart', 'logout'])
        await npm(words.split(' '), { home, env: GOOD });
      expect(listOf(project)).toEqual(before);
      expect(readdirSync(project)).not.toContain('new');
      expect(statSync(project).uid).toBe(0);
    });

  testWith([ROOT], 'changes nothing there while bob exchanges the directory', async () => {
    const project = put(rootsFolder(), { 'config.json': '{"auths":{}}' });
    chmodSync(join(project, 'config.json'), 0o644);
    leaveLock(join(project, 'config.json'), 10_000, 'of root');
    const before = listOf(project);
    const home = bobsHome({ [CONFIG]: '{"auths":{}}' });
    const exchange = `
      process.chdir(process.argv[1]);
      setInterval(() => {
        for (let turn = 0; turn < 50; turn += 1)
          try {
            fs.renameSync('.docker', '.own');
            fs.symlinkSync(process.argv[2], '.docker');
            fs.unlinkSync('.docker');
            fs.renameSync('.own', '.docker');
          } catch {
            // Root has made it meanwhile.
            fs.rmSync('.own', { recursive: true, force: true });
          }
      }, 0);`;
    const words = ['-e', exchange, home, project];
    const bob = spawn(OPEN_NODE, words, { uid: BOB, gid: BOB, cwd: '/', stdio: 'ignore' });
    try {
      for (let run = 0; run < 8; run += 1) await cli(['apply'], { home, env: GOOD });
      expect(bob.exitCode).toBeNull();
    } finally {
      bob.kill();
    }
    expect(listOf(project)).toEqual(before);
  });

  testWith([ROOT], 'reads no env file that its user could not: a record', async () => {
    const secret = join(put(rootsFolder(), { 'root.env': TEAM }), 'root.env');
    const home = bobsHome({ [CONFIG]: naming(secret) });
    for (const words of ['status', 'apply', 'hook postStart']) {
      const { stdout, stderr } = await cli(words.split(' '), { home, env: GOOD });
      expect(stdout + stderr).not.toContain('of-root-alone');
      expect(stderr).toContain('is not readable by this user');
    }
    expect(Object.keys(loginsIn(home))).toEqual(['good.example']);
  });

  testWith([ROOT], "nor with the rights of root's group", async () => {
    const secret = join(put(rootsFolder(), { 'root.env': TEAM }), 'root.env');
    chmodSync(secret, 0o640);
    const home = bobsHome({ [CONFIG]: naming(secret) });
    chownSync(join(home, '.docker'), BOB, 0);
    await cli(['apply'], { home, env: GOOD });
    expect(Object.keys(loginsIn(home))).toEqual(['good.example']);
  });

  testWith([ROOT], 'adds the line to an .npmrc as its owner', async () => {
    const home = bobsHome({ '.npmrc': 'x=1\n' });
    const npm = install({ githubNpm: true });
    expect(await npm(['hook', 'postStart'], { home })).toMatchObject({ status: 0 });
    expect(readHome(home, '.npmrc')).toBe(`x=1\n${LINE}\n`);
    expect(ownerOf(join(home, '.npmrc'))).toBe(`${BOB}:${BOB} 600`);
  });
});

describe('a ~/.docker that a group may write to, and what another user put there', () => {
  const RECORD = (file: string) =>
    `{"plugins": {"registry-auth": {"x.io": "X entry:01234567 file:${file}"}}}`;
  const SAID = /is a file or link that belongs neither to you nor to root; left unchanged/;
  let home: string;
  beforeEach(() => {
    home = put(rootsFolder(), { '.docker/x': '' });
    chmodSync(join(home, '.docker'), 0o770);
  });

  const PLANTED: [name: string, plant: (project: string) => void][] = [
    [
      'a config.json',
      (project) => writeFileSync(join(home, CONFIG), RECORD(join(project, 'root.env'))),
    ],
    ['a link', (project) => symlinkSync(join(project, 'a.json'), join(home, CONFIG))],
    ['a link to nothing', (project) => symlinkSync(join(project, 'new'), join(home, CONFIG))],
    ['logins', () => writeFileSync(join(home, LOGINS), '{"r.io":{"user":"eve","secret":"x"}}')],
    ['a link of logins', (project) => symlinkSync(join(project, 'l'), join(home, LOGINS))],
  ];
  for (const [name, plant] of PLANTED)
    testWith([ROOT], `is not read, written to or given anything: ${name}`, async () => {
      const project = put(rootsFolder(), { 'root.env': TEAM, 'a.json': '{}', l: '{}' });
      plant(project);
      for (const file of [CONFIG, LOGINS])
        if (readdirSync(join(home, '.docker')).includes(file.slice(8)))
          lchownSync(join(home, file), EVE, EVE);
      const before = readdirSync(join(home, '.docker'));
      for (const words of ['apply', 'status', 'logout']) {
        const { status, stdout, stderr } = await cli([words], { home, env: GOOD });
        expect([words, status, stderr]).toEqual([words, 1, expect.stringMatching(SAID)]);
        expect(stdout + stderr).not.toContain('of-root-alone');
      }
      expect(readdirSync(join(home, '.docker'))).toEqual(before);
      expect([readHome(project, 'a.json'), readHome(project, 'l')]).toEqual(['{}', '{}']);
      expect(existsSync(join(project, 'new'))).toBe(false);
      const { stdout } = await helper('get', 'r.io', { home, env: GOOD });
      expect(stdout).not.toContain('eve');
    });

  testWith([ROOT], 'and neither is a link of ~/.npmrc', async () => {
    const project = put(rootsFolder(), { npmrc: 'x=1\n' });
    chmodSync(home, 0o770);
    linkOf(EVE, join(project, 'npmrc'), join(home, '.npmrc'));
    const npm = install({ githubNpm: true });
    const { stderr } = await npm(['hook', 'postStart'], { home });
    expect(stderr).toContain('[NPMRC_NOT_WRITABLE]');
    expect(readHome(project, 'npmrc')).toBe('x=1\n');
  });
});

describe('where root cannot act as the owner', () => {
  const PATH = installWrappers(scratchHome());
  const MOUNTS = { missing: whyNot('unshare', ['-m', 'mount', '-t', 'tmpfs', 'x', '/mnt']) };
  const WAYS: [name: string, program: string, words: string[]][] = [
    ['for lack of a right', 'setpriv', ['--bounding-set', '-setuid,-setgid']],
    ['for lack of one right', 'setpriv', ['--bounding-set', '-setuid']],
    [
      'for lack of /proc',
      'unshare',
      ['-m', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'],
    ],
  ];
  for (const [name, program, words] of WAYS)
    testWith([ROOT, MOUNTS], `nothing is written, and that is said: ${name}`, async () => {
      const home = bobsHome({ [CONFIG]: '{}' });
      const named = { home, cwd: home, env: { PATH, ...GOOD } };
      for (const command of ['apply', 'status']) {
        const { status, stderr } = await run(program, [...words, 'registry-auth', command], named);
        expect([status, stderr]).toEqual([
          1,
          '~/.docker/config.json: belongs to another user, and root cannot act as that user here; left unchanged [CONFIG_OF_ANOTHER]\n' +
            '  fix: run registry-auth as that user, or set DOCKER_CONFIG to a directory of root\n',
        ]);
      }
      expect(readHome(home, CONFIG)).toBe('{}');
      const own = put(rootsFolder(), { [CONFIG]: '{}' });
      const applied = [...words, 'registry-auth', 'apply'];
      expect(await run(program, applied, { ...named, home: own })).toMatchObject({ status: 0 });
      expect(loginsIn(own)).toEqual(ADA);
    });
});

describe("a codespace's shared folder, which everybody may write to", () => {
  /** A root directory of its own, where /workspaces is a new one. */
  const SCRIPT = `
    set -e
    mount -t tmpfs none /mnt
    for one in /*; do
      [ "$one" = /workspaces ] && continue
      if [ -L "$one" ]; then cp -P "$one" /mnt
      elif [ -d "$one" ]; then mkdir "/mnt$one"; [ "$one" = /mnt ] || mount --rbind "$one" "/mnt$one"
      fi
    done
    docker=/workspaces/.codespaces/.persistedshare/.docker
    mkdir -p "/mnt$docker"
    printf %s "$TEXT" >"/mnt$docker/config.json"
    chown -R ${BOB}:${BOB} /mnt/workspaces
    chmod -R 0777 /mnt/workspaces
    rm -rf "$HOME/.docker"
    ln -s "$docker" "$HOME/.docker"
    exec chroot /mnt sh -c "$1; cat $docker/config.json; stat -c %u:%g:%a $docker/config.json"
  `;
  const NAMESPACE = { missing: whyNot('unshare', ['-m', 'chroot', '/', 'true']) };
  const PATH = installWrappers(scratchHome());
  const TEXT = '{"auths":{},"plugins":{"registry-auth-state":{"postCreate":"done"}}}';

  testWith([ROOT, NAMESPACE], 'is believed and written to, and keeps its owner', async () => {
    const home = rootsFolder();
    const env = { PATH, TEXT, ...GOOD, CODESPACES: 'true' };
    const words = ['-m', 'sh', '-c', SCRIPT, 'sh', 'registry-auth apply --json'];
    const { stdout, stderr } = await run('unshare', words, { home, env, cwd: '/' });
    expect([stderr, stdout]).toEqual(['', expect.stringContaining('"mode": "file"')]);
    expect(stdout).not.toContain('CONFIG_');
    expect(stdout).toContain(Buffer.from(`ada:${CANARY}`).toString('base64'));
    expect(stdout).toContain(`${BOB}:${BOB}:777`);
  });

  testWith([ROOT, NAMESPACE], 'is one of everybody where this is no codespace', async () => {
    const home = rootsFolder();
    const env = { PATH, TEXT, ...GOOD };
    const words = ['-m', 'sh', '-c', SCRIPT, 'sh', 'registry-auth apply'];
    const { stdout, stderr } = await run('unshare', words, { home, env, cwd: '/' });
    expect([stderr, stdout]).toEqual([
      expect.stringContaining('[CONFIG_EXPOSED]'),
      expect.stringContaining(TEXT),
    ]);
  });
});

describe('what a pull changes in the workspace after the first hook', () => {
  const hooked = install({ envFiles: ['team.env'], credentials: 'helper' });
  const MALICE: [name: string, change: (work: string, outside: string) => void][] = [
    [
      'the env file is a link out of it',
      (work, outside) => {
        execFileSync('rm', [join(work, 'conf/team.env')]);
        symlinkSync(join(outside, 'team.env'), join(work, 'conf/team.env'));
      },
    ],
    [
      'its folder is a link out of it',
      (work, outside) => {
        execFileSync('rm', ['-r', join(work, 'conf')]);
        symlinkSync(outside, join(work, 'conf'));
      },
    ],
  ];
  for (const [name, change] of MALICE)
    test(`is not followed, by hook or helper: ${name}`, async () => {
      const home = scratchHome({ 'work/conf/team.env': TEAM, 'other/team.env': '' });
      const outside = join(home, 'other');
      writeFileSync(join(outside, 'team.env'), TEAM.replace('of-root-alone', 'of-others'));
      const options = { home, cwd: join(home, 'work'), env: GOOD };
      const named = install({ envFiles: ['conf/team.env'], credentials: 'helper' });
      expect(await named(['hook', 'onCreate'], options)).toMatchObject({ status: 0, stderr: '' });
      const ask = () => helper('get', 'team.example', { home, env: GOOD });
      expect(await ask()).toEqual(found('team.example', 'root', 'of-root-alone'));
      change(join(home, 'work'), outside);
      expect((await ask()).stdout).not.toContain('of-others');
      const { stderr } = await named(['hook', 'postStart'], options);
      expect(stderr).toContain('leads out of the workspace');
      expect((await ask()).stdout).not.toContain('of-others');
      // An option that names it no more does not help it, either.
      await hooked(['hook', 'postStart'], options);
      expect((await ask()).stdout).not.toContain('of-others');
    });
});

describe('DOCKER_CONFIG in the workspace, with files that a repository may have brought', () => {
  const STATE = { 'registry-auth-state': { postCreate: 'done' } };
  const record = (file: string) => ({
    'registry-auth': { 'x.io': `X entry:01234567 file:${file}` },
  });
  const git = (folder: string, ...words: string[]) => execFileSync('git', ['-C', folder, ...words]);
  const COMMITS: [name: string, commit: (work: string) => void][] = [
    ['git tracks them', (work) => git(work, 'add', '.')],
    ['git does not', () => undefined],
    [
      'git has its index in parts',
      (work) => {
        git(work, 'add', '.');
        git(work, 'update-index', '--split-index');
      },
    ],
  ];
  for (const [name, commit] of COMMITS)
    test(`are not believed: ${name}`, async () => {
      const home = scratchHome({ 'other/team.env': TEAM });
      const file = join(home, 'other/team.env');
      const config = JSON.stringify({ plugins: { ...STATE, ...record(file) } });
      const logins = '{"good.example": {"user":"eve","secret":"planted"}}';
      put(home, { 'work/docker/config.json': config, [`work/docker/${LOGINS.slice(8)}`]: logins });
      git(join(home, 'work'), 'init', '--quiet');
      commit(join(home, 'work'));
      const env = { ...GOOD, DOCKER_CONFIG: join(home, 'work/docker'), CODESPACES: 'true' };
      const { stdout } = await helper('get', 'good.example', { home, env });
      expect(stdout).not.toContain('planted');
      const finished = await cli(['hook', 'onCreate'], { home, env });
      expect(finished.stderr).toContain('[RECORD_NOT_BELIEVED]');
      const text = readHome(home, 'work/docker/config.json');
      expectNoSecret(text, [{ user: 'ada', password: CANARY }]);
      expect(text).not.toContain('of-root-alone');
    });

  test('nor logins that git tracks in a home that is a work tree itself', async () => {
    const planted = '{"good.example": {"user":"eve","secret":"planted"}}';
    const home = scratchHome({ [CONFIG]: '{"auths":{}}', [LOGINS]: planted });
    git(home, 'init', '--quiet');
    const ask = () => helper('get', 'good.example', { home, env: GOOD });
    expect((await ask()).stdout).toContain('planted');
    git(home, 'add', LOGINS);
    expect(await ask()).toEqual(found('good.example', 'ada', CANARY));
  });
});

test('a relative entry of PATH is no place of our helper: docker runs nothing from there', async () => {
  const home = scratchHome({ [CONFIG]: '{"auths":{},"credsStore":"x"}' });
  installWrappers(join(home, 'bin'));
  const options = { home, cwd: home };
  const apply = (PATH: string) => cli(['apply'], { ...options, env: { ...GOOD, PATH } });
  expect((await apply(`bin:${process.env.PATH}`)).stderr).toContain('[HELPER_NOT_FOUND]');
  const found = await apply(`${join(home, 'bin')}:${process.env.PATH}`);
  expect(found.stderr).not.toContain('[HELPER_NOT_FOUND]');
});
