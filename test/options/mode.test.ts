import { describe, expect, test } from '@jest/globals';
import { decideMode, type Phase, type Signals } from '../../src/feature/mode.ts';

const OPTIONS = { credentials: 'file', prebuild: 'helper' } as const;
const file = (name: unknown) => JSON.stringify({ ACTION_NAME: name });
const TEMPLATE = file('createPrebuildTemplate');
const FROM = file('createFromPrebuild');
const IN = { CODESPACES: 'true' };
const URL = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x' };

const isPrebuild = (phase: Phase | 'apply', signals: Partial<Signals>) => {
  const all = { env: {}, actionFile: undefined, isPostCreated: false, ...signals };
  return decideMode(phase, OPTIONS, undefined, all).isPrebuild;
};

type Row = [name: string, env: Record<string, string>, actionFile: string | undefined, is: boolean];

/** Signals (docs/clients.md, Prebuilds). */
const ROWS: Row[] = [
  ['no codespace, no signal', {}, undefined, false],
  ['no codespace, a file that cannot be understood', {}, '{', false],
  ["no codespace, another host's token URL", URL, undefined, false],
  ["no codespace, somebody's own ACTION_NAME", { ACTION_NAME: 'prebuild' }, undefined, false],
  ['no codespace, and the file says so', {}, TEMPLATE, true],
  ['the file says so', IN, TEMPLATE, true],
  ['the file says so in a name of tomorrow', IN, file('UPDATE_PREBUILD'), true],
  ['the file says so in capitals', IN, file('CREATEFROMPREBUILD'), true],
  ['the file says so in two words', IN, file('update pre-build'), true],
  ['the environment says so', { ...IN, ACTION_NAME: 'createPrebuild' }, FROM, true],
  ['the URL says so', { ...IN, ...URL }, FROM, true],
  ['a codespace made from a prebuild', IN, FROM, false],
  ['another action', IN, file('create'), false],
  ['another action in the environment', { ...IN, ACTION_NAME: 'create' }, undefined, false],
  ['no file', IN, undefined, true],
  ['a file that cannot be understood', IN, 'x', true],
  ['a file without the key', IN, '{}', true],
  ['a name that is empty', IN, file(''), true],
  ['a name of white space', IN, file(' \n'), true],
  ['a name that is a number', IN, file(1), true],
  ['null for a file', IN, 'null', true],
  ['an empty name in the environment', { ...IN, ACTION_NAME: '' }, undefined, true],
];

describe.each(ROWS)('%s', (_, env, actionFile, is) => {
  test.each(['onCreate', 'updateContent', 'apply'] as const)('%s', (phase) => {
    expect(isPrebuild(phase, { env, actionFile })).toBe(is);
  });

  test('never once postCreate has run, nor in it and after it', () => {
    expect(isPrebuild('onCreate', { env, actionFile, isPostCreated: true })).toBe(false);
    expect(isPrebuild('apply', { env, actionFile, isPostCreated: true })).toBe(false);
    expect(isPrebuild('postCreate', { env, actionFile })).toBe(false);
    expect(isPrebuild('postStart', { env, actionFile })).toBe(false);
  });
});

const PREBUILD: Signals = { env: IN, actionFile: TEMPLATE, isPostCreated: false };
const LATER: Signals = { env: IN, actionFile: FROM, isPostCreated: false };

type ModeRow = [Phase | 'apply', object, 'file' | 'helper' | undefined, Signals, string];
const MODES: ModeRow[] = [
  ['onCreate', {}, undefined, LATER, 'file'],
  ['onCreate', { credentials: 'helper' }, undefined, LATER, 'helper'],
  ['onCreate', {}, undefined, PREBUILD, 'helper'],
  ['onCreate', { prebuild: 'file' }, undefined, PREBUILD, 'file'],
  ['onCreate', { prebuild: 'file', credentials: 'helper' }, undefined, PREBUILD, 'helper'],
  ['onCreate', { prebuild: 'skip' }, undefined, PREBUILD, 'skip'],
  ['onCreate', { prebuild: 'skip' }, undefined, LATER, 'file'],
  ['postStart', { prebuild: 'skip' }, undefined, PREBUILD, 'file'],
  ['apply', {}, undefined, PREBUILD, 'helper'],
  ['apply', { prebuild: 'skip' }, undefined, PREBUILD, 'helper'],
  ['apply', { prebuild: 'file' }, undefined, PREBUILD, 'file'],
  ['apply', {}, 'file', PREBUILD, 'file'],
  ['apply', {}, 'helper', LATER, 'helper'],
  ['apply', { credentials: 'helper' }, 'file', LATER, 'file'],
];

test.each(MODES)('%s with %j and the word %s: %#', (phase, options, word, signals, mode) => {
  expect(decideMode(phase, { ...OPTIONS, ...options }, word, signals).mode).toBe(mode);
});
