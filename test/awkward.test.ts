import { describe, expect, test } from '@jest/globals';
import { toEntry } from '../src/dockerconfig/auth-entry.ts';
import { editConfig } from '../src/dockerconfig/edit.ts';
import { parseLogins } from '../src/dockerconfig/logins.ts';
import { parseManaged } from '../src/dockerconfig/managed.ts';
import { parseDockerConfig } from '../src/dockerconfig/parse.ts';
import { decideMode } from '../src/feature/mode.ts';
import { DEFAULT_OPTIONS, parseOptions } from '../src/feature/options.ts';
import { parseEcrHost } from '../src/providers/ecr/host.ts';
import { findTokenExpiry } from '../src/providers/ecr/keys.ts';
import { judgeGoogleKey } from '../src/providers/google/key.ts';
import { discover } from '../src/registries/discover.ts';
import { loginName } from '../src/registries/keys.ts';
import { parseQuestion } from '../src/registries/question.ts';
import { parseAddress } from '../src/registries/reference.ts';
import { parseServer } from '../src/registries/server.ts';
import { parseKeys } from '../src/report/shadow.ts';
import { PIECES } from './support/hostile.ts';
import { triple } from './support/triples.ts';

/** A quadratic reader takes seconds for it. */
const SIZE = 128 << 10;
const TEXTS = PIECES.flatMap((piece) => {
  const text = piece.repeat(Math.ceil(SIZE / piece.length));
  return [text, `a${text}b`, `"${text}"`, `https://${text}`];
});

const environment = (variables: Record<string, string>) =>
  discover([{ name: 'environment', variables }], { githubToken: true });

const PARSERS: Record<string, (text: string) => unknown> = {
  'SERVER, also where it is cut off': (text) => [
    environment(triple('A', text, 'u', 'p')),
    environment(triple('A', text.slice(0, 1024), 'u', 'p')),
  ],
  'USER, also where it is cut off': (text) => [
    environment(triple('A', 'r.io', text, 'p')),
    environment(triple('A', 'r.io', text.slice(0, 1024), 'p')),
  ],
  'PASSWORD, also where it is cut off': (text) => [
    environment(triple('A', 'r.io', 'u', text)),
    environment(triple('A', 'r.io', 'u', text.slice(0, 65_536))),
  ],
  'the name of a variable': (text) => environment({ [`${text}_CONTAINER_REGISTRY_USER`]: 'u' }),
  "a Google key's PASSWORD": (text) =>
    judgeGoogleKey(
      {
        ...{ id: 'A', server: 'gcr.io', user: '_json_key', source: 'environment' },
        password: text.slice(0, 65_536),
      },
      'gcr.io',
    ),
  "a helper's question": parseQuestion,
  'a path below a host': (text) => parseServer(`r.io/${text.slice(0, 100_000)}/a`),
  'config.json': parseDockerConfig,
  'an edit of config.json': (text) => {
    const config = parseDockerConfig(JSON.stringify({ x: text }));
    return editConfig(config, [{ path: ['auths', 'r.io'], value: {} }]);
  },
  'an entry': (text) => toEntry({ auth: text }, () => ''),
  'a record': parseManaged,
  'a record that begins well': (text) => parseManaged(`A,B fallback file:/${text}`),
  'a long list of IDs': (text) => parseManaged(`${text},`),
  'the logins': parseLogins,
  'a value to put back': (text) =>
    parseDockerConfig(
      JSON.stringify({
        plugins: { 'registry-auth-previous': { 'auths r.io': text.slice(0, 250_000) } },
      }),
    ),
  'a word that names an image': (text) => [parseAddress(text), parseAddress(`${text}:x`)],
  'a host': parseEcrHost,
  'a key': loginName,
  'a token': findTokenExpiry,
  'the options': parseOptions,
  "Codespaces' action file": (actionFile) =>
    decideMode('apply', DEFAULT_OPTIONS, undefined, {
      env: { CODESPACES: 'true' },
      actionFile,
      isPostCreated: false,
    }),
  "another client's file": parseKeys,
};

/** A hundred times what a linear one takes, and far below what a quadratic one does. */
const LIMIT_MS = 500;

describe('128 KiB of any repetition is understood, or refused, in good time by what reads', () => {
  test.each(Object.entries(PARSERS))(
    '%s',
    (_, parse) => {
      for (const text of TEXTS) {
        // Of the processor: other tests run beside this one.
        const start = process.cpuUsage();
        parse(text);
        const { user, system } = process.cpuUsage(start);
        const took = (user + system) / 1000;
        if (took > LIMIT_MS) throw new Error(`${JSON.stringify(text.slice(0, 20))}: ${took} ms`);
      }
      expect(TEXTS.length).toBeGreaterThan(100);
    },
    60_000,
  );
});
