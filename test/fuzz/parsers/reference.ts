import assert from 'node:assert/strict';
import fc from 'fast-check';
import { repeatable } from '../../../src/registries/named.ts';
import { parseAddress, parseReference, type Reference } from '../../../src/registries/reference.ts';
import { parseServer } from '../../../src/registries/server.ts';
import { parser } from '../parser.ts';

const SHA = `sha256:${'a1'.repeat(32)}`;
const VALID = [
  ...['nginx', 'nginx:1.27', 'ada/app', 'docker.io/nginx', 'index.docker.io/ada/app', 'REG/app'],
  ...['ghcr.io/org/app:v1', 'localhost:5000/a/b', '[::1]:5000/app:x', 'a.io/b__c/d--e.f'],
  ...[`a.io/b@${SHA}`, `a.io/b:t@${SHA}`, 'a1'.repeat(32), `a.io/${'b'.repeat(240)}`],
  ...['ghcr.io', 'https://reg.example.com/v2/', 'https://ada:pass@reg.example.com/team'],
];

function referenceIn(text: string): Reference | undefined {
  const parsed = parseReference(text);
  return 'what' in parsed ? undefined : parsed;
}

function render({ host, repository, tag, digest }: Reference): string {
  return `${host}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}

export const REFERENCE = parser<null>({
  name: 'image reference',
  valid: fc.constantFrom(...VALID),
  around: [
    ['a.io/', ':t'],
    ['', ':x'],
    ['a.io/a', ''],
    ['', '/a'],
    ['a.io/b:', ''],
    ['a.io/b@sha256:', ''],
    ['[', ']:1/a'],
  ],
  extra: fc.constant(null),
  read: ({ text }) => [parseReference(text), parseAddress(text), repeatable(text, '')],
  properties: {
    'written out, it is understood alike': ({ text }) => {
      const reference = referenceIn(text);
      if (reference) assert.deepEqual(parseReference(render(reference)), reference);
    },
    'it names nothing that does not stand there, but for Docker Hub': ({ text }) => {
      const reference = referenceIn(text);
      if (!reference) return;
      const { host, repository, tag = '', digest = '' } = reference;
      const isHub = host === 'docker.io';
      assert.ok(isHub || text.startsWith(`${host}/`));
      for (const part of [repository.replace(/^library\//, ''), tag, digest])
        assert.ok(text.includes(part));
      assert.ok(text.endsWith(digest || tag || repository.replace(/^library\//, '')));
    },
    'a repository is one that a registry can have, and no longer': ({ text }) => {
      const reference = referenceIn(text);
      if (!reference) return;
      const { host, repository, tag = 'x', digest } = reference;
      assert.match(repository, /^[a-z0-9._/-]+$/);
      for (const part of repository.split('/')) assert.match(part, /^[a-z0-9](?:.*[a-z0-9])?$/);
      assert.ok(`${host}/${repository}`.length <= 255);
      assert.match(tag, /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
      assert.match(digest ?? SHA, /^sha(?:256|384|512):[0-9a-f]+$/);
    },
    'a word without a repository is what SERVER would be': ({ text }) => {
      const address = parseAddress(text);
      if ('what' in address || address.repository !== undefined) return;
      const parsed = parseServer(text);
      assert.equal('server' in parsed ? parsed.server.host : undefined, address.host);
    },
    'a word with a repository is an image': ({ text }) => {
      const address = parseAddress(text);
      if ('what' in address || address.repository === undefined) return;
      assert.deepEqual(address, parseReference(text));
    },
    'nothing that is said repeats the text': ({ text }) => {
      const marked = text.replace(/[a-z]/g, 'q').replaceAll('qqq', 'zzz');
      for (const given of [`${marked}zzz`, `zzz:zzz@${marked}`, `https://zzz@${marked}`])
        for (const said of [parseReference(given), parseAddress(given)])
          if ('what' in said) assert.doesNotMatch(said.what, /zzz/);
    },
    'a word that may be repeated is one word, without a password': ({ text }) => {
      for (const word of [text, `https://ada:${text}@r.io/a`]) {
        const shown = repeatable(word, '');
        assert.match(shown, /^[\w.:/[\]@-]*$/);
        assert.doesNotMatch(shown, /@(?!sha)/);
      }
    },
  },
});
