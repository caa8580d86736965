import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { findEntryMasks } from '../action/masks.ts';
import { renderAnnotation, renderMask } from '../action/protocol.ts';
import { addCheck, isWell, type JobResult, renderJobSummary, renderLog } from '../action/report.ts';
import {
  findEnvironment,
  findGithubTriple,
  findSecretForms,
  hasGithubLogin,
  parseSecrets,
} from '../action/variables.ts';
import { readIfThere } from '../io/files/bounded-read.ts';
import { writeAll } from '../io/files/descriptor.ts';
import { type JobFolder, makeJobFolder, seedConfig, writePrograms } from '../io/job-folder.ts';
import { isObject, parseJson } from '../json.ts';
import type { Problem } from '../problem.ts';
import type { Environment } from '../providers/provider.ts';
import { append, tell } from './action-files.ts';

/** A step of a workflow, started by the runner's Node. Its inputs are in action.yml. */

const { env } = process;

/** The action's folder, as in the release's tags. */
const SHARE = dirname(dirname(process.argv[1] ?? '.'));

/** Longer than any command of ours runs. */
const LIMIT_MS = 60_000;

function readInput(name: string): string {
  return (env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
}

function refuse(subject: string, what: string, fix: string): Problem {
  return { code: 'ACTION_INPUT_INVALID', subject, what, fix };
}

/** The workflow's inputs, or why we cannot use them. */
function readInputs() {
  for (const name of ['check', 'strict'])
    if (!['', 'true', 'false'].includes(readInput(name)))
      return refuse(`input ${name}`, 'is neither true nor false', `write ${name}: true`);
  const secrets = parseSecrets(readInput('secrets'));
  if (secrets === undefined) {
    const fix = 'write secrets: $' + '{{ toJSON(secrets) }}';
    return refuse('input secrets', 'is not a JSON object', fix);
  }
  const { RUNNER_TEMP: temp = '', GITHUB_ENV = '' } = env;
  if (process.platform === 'win32' || !temp.startsWith('/') || GITHUB_ENV === '')
    return {
      code: 'ACTION_RUNNER_UNFIT',
      subject: 'this machine',
      what: 'is not a GitHub Actions runner on Linux or macOS',
      fix: 'use install.sh --prefix there',
    } as const;
  const isChecked = readInput('check') === 'true';
  const isStrict = readInput('strict') === 'true';
  return { secrets, temp, isChecked, isStrict, token: readInput('github-token') };
}

/** Runs a command as the job's next steps would; returns its document. */
function ask(folder: JobFolder, variables: Environment, command: 'apply' | 'check'): JobResult {
  const words = [join(folder.bin, 'registry-auth'), command, '--json'];
  const PATH = `${folder.bin}:${variables.PATH ?? ''}`;
  const { stdout, error } = spawnSync('/bin/sh', words, {
    env: { ...variables, DOCKER_CONFIG: folder.config, PATH },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LIMIT_MS,
    maxBuffer: 16 << 20,
  });
  const document = parseJson(stdout ?? '');
  if (isObject(document)) return document as JobResult;
  throw Object.assign(new Error(command), { name: command, code: `${error?.name ?? 'no answer'}` });
}

/** `all` has the job's token, too: not used if the machine has a login for that registry. */
function logIn(folder: JobFolder, given: Environment, all: Environment, isChecked: boolean) {
  const from = resolve(env.DOCKER_CONFIG || join(env.HOME ?? '/', '.docker'));
  const notices = seedConfig(from, folder);
  const file = join(folder.config, 'config.json');
  const before = readIfThere(file, Number.POSITIVE_INFINITY) ?? '';
  const variables = hasGithubLogin(before) ? given : all;
  const applied = ask(folder, variables, 'apply');
  const after = readIfThere(file, Number.POSITIVE_INFINITY) ?? '';
  writeAll(1, findEntryMasks(before, after).map(renderMask).join(''));
  tell('ENV', 'DOCKER_CONFIG', folder.config);
  const builders = join(from, 'buildx');
  if (!env.BUILDX_CONFIG && existsSync(builders)) tell('ENV', 'BUILDX_CONFIG', builders);
  append('PATH', `${folder.bin}\n`);
  tell('OUTPUT', 'docker-config', folder.config);
  const result = { ...applied, notices: [...notices, ...applied.notices] };
  return isChecked ? addCheck(result, ask(folder, variables, 'check')) : result;
}

function main(): void {
  const inputs = readInputs();
  if ('code' in inputs) {
    writeAll(1, renderLog({ problems: [inputs], notices: [] }, true));
    process.exitCode = 1;
    return;
  }
  const { secrets, token, temp, isChecked, isStrict } = inputs;
  const given = findEnvironment(env, secrets);
  const all = { ...given, ...findGithubTriple(given, token) };
  writeAll(1, findSecretForms(all).map(renderMask).join(''));
  const folder = makeJobFolder(temp);
  // Before anything is in it, so that the post step removes it whatever happens.
  tell('STATE', 'folder', folder.root);
  tell('STATE', 'before', env.DOCKER_CONFIG ?? '');
  writePrograms(folder, SHARE, process.execPath);
  const result = logIn(folder, given, all, isChecked);
  writeAll(1, renderLog(result, isStrict));
  append('STEP_SUMMARY', renderJobSummary(result));
  process.exitCode = isStrict && !isWell(result) ? 1 : 0;
}

try {
  main();
} catch (error) {
  // A broken machine, or our own bug. The message may hold a secret, so we print only its kind.
  const { name, code } = error as NodeJS.ErrnoException;
  writeAll(1, renderAnnotation('error', 'registry-auth', `unexpected ${name} ${code ?? ''}`));
  process.exitCode = 1;
}
