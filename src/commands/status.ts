import { join } from 'node:path';
import type { State } from '../domain/decide/state.ts';
import { decideMode } from '../domain/feature/mode.ts';
import type { Options } from '../domain/feature/options.ts';
import type { Problem } from '../domain/problem.ts';
import { discover, type Found } from '../domain/registries/discover.ts';
import { isHostKey } from '../domain/registries/server.ts';
import { findShadows, type OtherFile, parseKeys } from '../domain/tell/shadow.ts';
import { findStatusKeys, type Status } from '../domain/tell/status.ts';
import { findExpected } from '../domain/triples/expected.ts';
import type { Source } from '../domain/triples/triple.ts';
import { readIfThere } from '../io/bounded-read.ts';
import { type ConfigDir, openConfig } from '../io/config-dir.ts';
import { tellExposure } from '../io/exposure.ts';
import { readRemembered } from '../io/sources.ts';

export type StatusInput = {
  readonly environment: Source;
  readonly options: Options;
  /** The text in which Codespaces says what it is doing. */
  readonly actionFile: string | undefined;
  readonly findDir: () => ConfigDir;
  readonly now: () => number;
  readonly uid: number;
};

/**
 * What is configured, from which source, until when, and what keeps a client from seeing it. Reads
 * only, and asks nobody.
 */
export function findStatus(input: StatusInput): Status {
  const opened = openConfig(input.findDir);
  if ('problem' in opened) return { config: '', keys: [], problems: [opened.problem], notices: [] };
  const { dir, state } = opened;
  const { environment, now, uid } = input;
  const files = readRemembered(state.ledger.envFiles, input);
  const found = discover([environment, ...files.sources], input.options);
  const { refusal, notices } = tellExposure(dir);
  const isHeld = Object.keys(state.ledger.rows).length > 0;
  const open = isHeld ? notices : [];
  const common = { config: dir.shown, notices: [...files.notices, ...found.notices, ...open] };
  const told = [...found.problems, ...expectedOf(input, state, found)];
  const faults = faultsOf(state);
  if (faults.length > 0) return { ...common, keys: [], problems: [...told, ...faults] };
  const keys = findStatusKeys(found.claims, state, now());
  const { credsStore } = state.config;
  const shadows = findShadows({
    env: environment.variables,
    keys: keys.map(({ key }) => key),
    unhelped: keys.flatMap(({ key, state: answers }) =>
      credsStore && answers === 'file' && isHostKey(key) ? key : [],
    ),
    others: readOthers(environment.variables, dir, uid),
    shown: dir.shown,
  });
  return {
    ...common,
    ...(credsStore ? { credsStore } : {}),
    keys,
    problems: [...told, ...files.problems, ...(refusal ? [refusal] : []), ...shadows],
  };
}

/** A shell may lack the secrets of an entry that was written: then nothing is to be done. */
function expectedOf(
  { options, environment, actionFile }: StatusInput,
  { ledger }: State,
  found: Found,
): Problem[] {
  const isPostCreated = ledger.isPostCreated ?? false;
  const signals = { env: environment.variables, actionFile, isPostCreated };
  if (decideMode('apply', options, undefined, signals).isPrebuild) return [];
  const written = Object.values(ledger.rows).map(({ id }) => id);
  return findExpected(options.expect, new Set([...found.ids, ...written]), environment);
}

/** Here a damaged ledger is a problem: nothing is written that would put it right. */
function faultsOf({ problems, notices }: State): Problem[] {
  const fix = 'run registry-auth apply';
  return [...problems, ...notices.map((notice) => ({ fix, ...notice }))];
}

/** Files that other clients read before ours (clients.md 3.1 and 5.6). */
function readOthers(
  env: Readonly<Record<string, string | undefined>>,
  dir: ConfigDir,
  uid: number,
): OtherFile[] {
  const home = env.HOME ?? '/';
  const configHome = env.XDG_CONFIG_HOME || join(home, '.config');
  const runtime = env.XDG_RUNTIME_DIR || `/run/containers/${uid}`;
  const files: readonly (readonly [OtherFile['kind'], string])[] = [
    ['auth.json', join(runtime, env.XDG_RUNTIME_DIR ? 'containers/auth.json' : 'auth.json')],
    ['auth.json', join(configHome, 'containers/auth.json')],
    ['helm', env.HELM_REGISTRY_CONFIG || join(configHome, 'helm/registry/config.json')],
    ['docker', join(home, '.docker/config.json')],
  ];
  return files
    .filter(([, path]) => path !== dir.config)
    .map(([kind, path]) => ({ kind, path, keys: parseKeys(readIfThere(path)) }));
}
