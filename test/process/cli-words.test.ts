import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/report/help.ts';
import { scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { appliedHome, CONFIG, GOOD, newCli } from './support/cli.ts';
import { install } from './support/installed.ts';

const cli = newCli();
const words = (text: string) => text.split(' ').filter(Boolean);
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const { version } = read('devcontainer-feature.json');

describe('each command has a page of help:', () => {
  const DOCS = `https://github.com/${read('package.json').repository.replace('github:', '')}`;
  const calls = COMMANDS.flatMap((one) => [`${one} --help`, `${one} -h`, `help ${one}`]);

  test.each(calls)('%s', async (call) => {
    const { status, stdout, stderr } = await cli(words(call), { home: scratchHome(), env: GOOD });
    const command = call.replace(/ ?(?:help|-+h\w*) ?/, '');
    expect([status, stderr]).toEqual([0, '']);
    const parts = ['usage', 'options', 'examples', 'exit status', 'more'];
    expect(stdout.match(/^[a-z ]+(?=:)/gm)).toEqual(parts);
    expect(stdout).toMatch(new RegExp(`^usage:\n {2}registry-auth ${command} `));
    const [, examples = ''] = stdout.split('examples:\n');
    expect(examples.split('\n\n')[0]?.split('\n')).toHaveLength(2);
    const [, page = ''] = /^more: (.*)$/m.exec(stdout) ?? [];
    expect(page).toMatch(new RegExp(`^${DOCS}/blob/main/docs/[a-z]+\\.md`));
    // The heading that the link leads to is there.
    const [file = '', anchor] = page.replace(/.*\/blob\/main\//, '').split('#');
    const heading = new RegExp(`^## ${anchor ?? '.'}`, 'm');
    expect(readFileSync(file, 'utf8')).toMatch(heading);
    expect(stdout.split('\n').filter((line) => line.length > 80 && !/^more/.test(line))).toEqual(
      [],
    );
  });

  test('with no option that the command refuses', async () => {
    for (const command of COMMANDS) {
      const { stdout } = await cli([command, '--help'], { home: scratchHome() });
      for (const option of new Set(stdout.match(/--[a-z-]+/g))) {
        const { stderr } = await cli([command, option], { home: scratchHome() });
        expect([command, option, stderr]).toEqual([
          command,
          option,
          expect.not.stringContaining('unknown option'),
        ]);
      }
    }
  });
});

describe('a word that is almost one gets a suggestion:', () => {
  test.each([
    ['statsu', 'statsu', 'registry-auth status'],
    ['chekc ACME', 'chekc', 'registry-auth check'],
    ['Apply', 'Apply', 'registry-auth apply'],
    ['exprot kubernetes', 'exprot', 'registry-auth export'],
    ['login', 'login', 'registry-auth apply'],
    ['ls', 'ls', 'registry-auth status'],
    ['help staus', 'staus', 'registry-auth status'],
    ['statsu --help', 'statsu', 'registry-auth status'],
    ['apply --dryrun', 'apply', '--dry-run'],
    ['apply --envfile a', 'apply', '--env-file'],
    ['apply --credential helper', 'apply', '--credentials'],
    ['apply --credentials hlper', 'apply', '--credentials helper'],
    ['apply --credentials=File', 'apply', '--credentials file'],
    ['status --jsno', 'status', '--json'],
    ['status --required A', 'status', '--require'],
    ['export kubernets', 'export', 'export kubernetes'],
    ['export k8s', 'export', 'export kubernetes'],
    ['export docker-confg', 'export', 'export docker-config'],
    ['export config.json', 'export', 'export docker-config'],
    ['hook postcreate', 'hook', 'hook postCreate'],
    ['hook onCreateCommand', 'hook', 'hook onCreate'],
    ['hook postStrat', 'hook', 'hook postStart'],
  ])('%s', async (typed, subject, meant) => {
    const finished = await cli(words(typed), { home: scratchHome(), env: GOOD });
    expect(finished).toMatchObject({ status: 2, stdout: '' });
    const [first = '', fix] = finished.stderr.split('\n');
    expect([first.startsWith(`${subject}: `), fix]).toEqual([
      true,
      `  fix: did you mean ${meant}?`,
    ]);
  });

  test.each([
    ['check acme', 'ACME'],
    ['check ACM', 'ACME'],
    ['check AMCE', 'ACME'],
    ['check hub', 'HUB'],
    ['check acme.exmaple', 'acme.example'],
    ['status acme', 'ACME'],
    ['status ACM', 'ACME'],
    ['status ACME_', 'ACME'],
    ['status Hub', 'HUB'],
  ])('%s', async (typed, meant) => {
    const env = {
      ...triple('ACME', 'acme.example', 'ada', 'a-password'),
      ...triple('HUB', 'docker.io', 'ada', 'b'),
    };
    const finished = await cli(words(typed), { home: await appliedHome(cli, env), env });
    expect(finished).toMatchObject({ status: 2, stdout: '' });
    expect(finished.stderr).toContain(`  fix: did you mean ${meant}?`);
  });

  test.each(['dance', 'apply --fast', 'hook', 'hook x', 'apply --credentials=both', 'check ZEBRA'])(
    'and %s gets none, because nothing is near',
    async (typed) => {
      const { status, stderr } = await cli(words(typed), { home: scratchHome(), env: GOOD });
      expect([status, stderr.includes('did you mean')]).toEqual([2, false]);
    },
  );

  test.each(['ghp_0123456789abcdefghijABCDEFGHIJ012345', 'pass:word', 'apply hunter2pass'])(
    'and what may be a password is not repeated: %s',
    async (typed) => {
      const { status, stderr } = await cli(words(typed), { home: scratchHome() });
      expect([status, stderr.includes(words(typed).at(-1) ?? '')]).toEqual([2, false]);
    },
  );
});

describe('an ID names its registry', () => {
  const SAME = {
    ...triple('AONE', 'one.example/team', 'ada', 'a-password'),
    ...triple('BTWO', 'one.example/team', 'ada', 'a-password'),
    ...triple('LOST', 'one.example/team', 'bob', 'another-one'),
  };

  test('for status as for check, by each ID of one credential', async () => {
    const { LOST_CONTAINER_REGISTRY_SERVER: _, ...env } = SAME;
    const home = scratchHome();
    await cli(['apply'], { home, env });
    for (const id of ['AONE', 'BTWO']) {
      const { stdout } = await cli(['status', id], { home, env });
      expect(stdout).toMatch(/^ {2}one\.example\/team\n {4}docker, .* ada +one\.example in /m);
      const checked = await cli(['check', id, '--json'], { home, env });
      const { results, problems } = JSON.parse(checked.stdout);
      expect([problems, [...new Set(results.map(({ id: one }: { id: string }) => one))]]).toEqual([
        [],
        [id],
      ]);
    }
    const { stdout } = await cli(['status'], { home, env });
    expect(stdout).toMatch(/^ {2}AONE, BTWO {2}other +one\.example/m);
  });

  test.each(['check', 'status'])('and %s of one that lost its login says so', async (command) => {
    const finished = await cli([command, 'LOST'], { home: scratchHome(), env: SAME });
    expect(finished.status).toBe(1);
    expect(finished.stderr).toMatch(
      /^LOST_CONTAINER_REGISTRY_SERVER: .*AONE is used, LOST is not \[REGISTRY_CLAIMED_TWICE\]/,
    );
    expect(finished.stdout).not.toContain('no registry secrets found');
  });

  test.each(['check', 'status'])('and %s of a broken one says what is wrong', async (command) => {
    const env = { ...GOOD, ...triple('BAD', 'bad example', 'ada', 'a-password') };
    const finished = await cli([command, 'BAD'], { home: scratchHome(), env });
    expect([finished.status, finished.stderr]).toEqual([
      1,
      expect.stringMatching(/^BAD_CONTAINER_REGISTRY_SERVER: (?:.|\n)*\[SERVER_INVALID\]/),
    ]);
  });
});

describe('--json is one document on stdout', () => {
  test.each([
    ['statsu --json', 2, 'USAGE'],
    ['--json statsu', 2, 'USAGE'],
    ['apply --dryrun --json', 2, 'USAGE'],
    ['apply now --json', 2, 'USAGE'],
    ['check nothing --json', 2, 'USAGE'],
    ['status a//b --json', 2, 'USAGE'],
    ['hook postcreate --json', 2, 'USAGE'],
    ['export k8s --json', 2, 'USAGE'],
    ['export kubernetes --json', 1, 'EXPORT_EMPTY'],
    ['logout NOBODY --json', 1, 'NOTHING_TO_LOG_OUT'],
  ])('for %s', async (typed, status, code) => {
    const finished = await cli(words(typed), { home: scratchHome() });
    const document = JSON.parse(finished.stdout);
    expect(finished).toMatchObject({ status, stderr: '' });
    expect(document).toMatchObject({
      version: 1,
      product: { version, node: process.versions.node },
      problems: [{ code }],
    });
  });

  test.each([
    'apply',
    'status',
    'check',
    'logout',
    'hook postStart',
    'status --require A',
    '--version',
  ])('of %s where config.json cannot be read', async (typed) => {
    const home = scratchHome({ [`${CONFIG}/is-a-folder`]: '' });
    const { stdout, stderr } = await cli([...words(typed), '--json'], { home });
    expect([stderr, JSON.parse(stdout).product.version]).toEqual(['', version]);
  });

  test('with the Secret, in export', async () => {
    const finished = await cli(['export', 'kubernetes', '--json', '--force'], {
      ...{ home: scratchHome(), env: triple('ACME', 'acme.example', 'ada', 'a-password') },
    });
    const { manifest, problems } = JSON.parse(finished.stdout);
    expect([problems, manifest]).toEqual([[], expect.stringContaining('kind: Secret')]);
  });
});

describe('the version, Node, and where each option is from', () => {
  const OURS = install({ credentials: 'helper', expect: ['ACME'] });

  test('are what --version says', async () => {
    const plain = await cli(['--version'], { home: scratchHome() });
    expect(plain.stdout.split('\n').slice(0, 4)).toEqual([
      `registry-auth ${version}`,
      `Node ${process.versions.node}`,
      'options from the defaults, because there is no options.json',
      '  credentials  file (default)',
    ]);
    const { stdout } = await OURS(['--version'], {});
    expect(stdout).toMatch(/^options from \/.*\/options\.json$/m);
    expect(stdout).toMatch(/^ {2}credentials {2}helper\n {2}prebuild {5}helper \(default\)$/m);
    expect(stdout).toMatch(/^ {2}expect {7}ACME$/m);
  });

  test.each([
    ['other', {}],
    ['codespace', { CODESPACES: 'true', ACTION_NAME: 'create' }],
    ['prebuild', { CODESPACES: 'true', ACTIONS_ID_TOKEN_REQUEST_URL: 'http://localhost/' }],
    ['vscode', { REMOTE_CONTAINERS_IPC: process.cwd() }],
  ])('are in status --json, with the kind of host: %s', async (host, env) => {
    const { stdout } = await OURS(['status', '--json'], { home: scratchHome(), env });
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      ...{ host, product: { version, node: process.versions.node } },
      options: {
        credentials: { value: 'helper', from: 'options.json' },
        prebuild: { value: 'helper', from: 'default' },
      },
    });
  });
});

describe('the address of a web site names its registry:', () => {
  const env = triple('LAB', 'gitlab.com', 'ann', 'not-a-secret');

  test.each([
    ['status gitlab.com', 0, /^ *registry\.gitlab\.com/m],
    ['status GitLab.com', 0, /^ *registry\.gitlab\.com/m],
    ['logout gitlab.com', 0, /registry\.gitlab\.com/],
  ])('%s', async (call, status, shown) => {
    const home = await appliedHome(cli, env);
    const told = await cli(words(call), { home, env });
    expect([told.status, told.stdout]).toEqual([status, expect.stringMatching(shown)]);
  });
});
