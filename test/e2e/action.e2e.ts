import { cpSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILT_ACTION, Job } from '../support/job.ts';
import { expectNoSecret, scratchHome } from '../support/process.ts';
import { configWith, triple } from '../support/triples.ts';
import { importMinimalImage } from './support/base-image.ts';
import { docker } from './support/engine.ts';
import { type NodeMirror, startNodeMirror } from './support/node-mirror.ts';
import { privateRegistryLog } from './support/registry.ts';
import { readyState } from './support/state.ts';

const state = readyState();
const { host, user, password, byHand, image } = state.privateRegistry;

const startJob = (home: string) =>
  new Job({ home, env: { PATH: process.env.PATH, DOCKER_HOST: `unix://${state.engine.socket}` } });

const secretsOf = (name: string, secret: string) => ({
  secrets: JSON.stringify(triple('LOCAL', host, name, secret)),
});

/** Whom the registry lets pull in a step of the job, by its own log. */
async function findPuller(job: Job): Promise<string> {
  const log = privateRegistryLog(state);
  const { size } = statSync(log);
  const { status } = await job.run(`docker pull ${image}`);
  if (status !== 0) return 'refused';
  const lines = readFileSync(log).subarray(size).toString();
  const users = [...lines.matchAll(/auth\.user\.name=([\w-]+)/g)].map(([, name]) => name);
  return [...new Set(users)].join(' and ');
}

describe('docker in a job', () => {
  test('pulls after the step, and the home is as it was, also where the job fails', async () => {
    const text = configWith({ 'other.example': ['bob', 'own'] });
    const home = scratchHome({ '.docker/config.json': text });
    const job = startJob(home);
    expect(await findPuller(job)).toBe('refused');
    const { masks, ...told } = await job.use({ ...secretsOf(user, password), check: 'true' });
    expect(told).toMatchObject({
      status: 0,
      log: 'registry-auth: LOCAL (other): ready, accepted\n',
    });
    expectNoSecret(JSON.stringify(told), [password]);
    expect(masks).toContain(password);
    expect(await findPuller(job)).toBe(user);
    expect(await job.run('exit 1')).toMatchObject({ status: 1 });
    await job.end();
    expect(await findPuller(job)).toBe('refused');
    expect(readdirSync(home, { recursive: true }).sort()).toEqual([
      '.docker',
      '.docker/config.json',
    ]);
    expect(readFileSync(join(home, '.docker/config.json'), 'utf8')).toBe(text);
    expect(job.left()).toEqual([]);
  });

  test('comes as the user of its own job, where two run in one home', async () => {
    const home = scratchHome();
    const [one, two] = [startJob(home), startJob(home)];
    await Promise.all([
      one.use(secretsOf(user, password)),
      two.use(secretsOf(byHand.user, byHand.password)),
    ]);
    expect([await findPuller(one), await findPuller(two)]).toEqual([user, byHand.user]);
    await one.end();
    expect(await findPuller(two)).toBe(byHand.user);
    await two.end();
    expect(readdirSync(home)).toEqual([]);
  });

  test('lets a step that came before log out of the home at its end', async () => {
    const home = scratchHome();
    const job = startJob(home);
    const login = `docker login --username ${byHand.user} --password-stdin ${host}`;
    await job.run(`printf %s "$BY_HAND" | ${login}`, { BY_HAND: byHand.password });
    await job.use(secretsOf(user, password));
    expect(await findPuller(job)).toBe(user);
    await job.end();
    expect(await findPuller(job)).toBe(byHand.user);
    await job.run(`docker logout ${host}`);
    expect(await findPuller(job)).toBe('refused');
    expect(job.left()).toEqual([]);
  });

  test('keeps a login of a later step in the job', async () => {
    const home = scratchHome();
    const job = startJob(home);
    await job.use();
    const login = `docker login --username ${byHand.user} --password-stdin ${host}`;
    const env = { BY_HAND: byHand.password };
    expect(await job.run(`printf %s "$BY_HAND" | ${login}`, env)).toMatchObject({ status: 0 });
    expect(await findPuller(job)).toBe(byHand.user);
    await job.end();
    expect([await findPuller(job), readdirSync(home)]).toEqual(['refused', []]);
  });
});

describe('install.sh --prefix on a Debian with nothing but apt', () => {
  let mirror: NodeMirror;
  let base: string;
  beforeAll(async () => {
    mirror = await startNodeMirror(state);
    base = await importMinimalImage(state, 'bookworm');
  });
  afterAll(() => mirror.close());

  test('gives a user without root the programs, with a Node of their own', async () => {
    const folder = join(mkdtempSync(join(state.dir, 'release-')), 'registry-auth');
    cpSync(BUILT_ACTION, folder, { recursive: true });
    mirror.pin(folder);
    const script = [
      'sh /release/install.sh --prefix "$HOME/.local"',
      'export PATH="$HOME/.local/bin:$PATH"',
      'registry-auth apply',
      `echo ${host} | docker-credential-registry-auth get`,
      'ls "$HOME"/.local /usr/local/bin',
    ].join(' && ');
    const variables = Object.entries(triple('LOCAL', host, user, 'one-word'));
    const env = [['NODEMIRROR', mirror.url], ...variables].flatMap(([name, value]) => [
      '--env',
      `${name}=${value}`,
    ]);
    const words = ['run', '--rm', '--network=host', '--user=dev', '--entrypoint=sh', ...env];
    const mount = ['--volume', `${folder}:/release:ro`];
    const { status, stdout, stderr } = await docker(state, [
      ...words,
      ...mount,
      base,
      '-c',
      script,
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/installed, runs with \/home\/dev\/\.local\/share\/registry-auth\/node/);
    expect(stdout).toMatch(/ LOCAL +other +\S+ +written\n/);
    expect(stdout).toMatch(/"Username":"canary-user","Secret":"one-word"\}$/m);
    expect(stdout).toMatch(/\n\/home\/dev\/\.local:\nbin\nshare\n\n\/usr\/local\/bin:\n$/);
  });
});
