import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Desk } from '../support/desk.ts';
import { CANARY, runBundle, scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { found, helper, NOT_FOUND, refused, SILENT } from './support/helper.ts';

const home = scratchHome();
const USAGE = 'usage: docker-credential-registry-auth get|store|erase|list|version';

/** `get` in a shell that holds a triple for this server, and in a home with no file at all. */
function get(asked: string, server = 'reg.example.com') {
  return helper('get', asked, { home, env: triple('ACME', server, 'ada', CANARY) });
}

/** The same without a process. */
function find(asked: string, server = 'reg.example.com') {
  return new Desk().get(asked, { ACME: [server, 'ada', CANARY] });
}

describe('get finds the triple of', () => {
  const HUB = [
    'https://index.docker.io/v1/',
    'docker.io',
    'index.docker.io',
    'registry-1.docker.io',
    'https://registry-1.docker.io',
    'registry-1.docker.io:443',
    'https://index.docker.io/v1/team/app',
    'docker.io/team/app',
  ];
  const HOST = [
    'reg.example.com',
    'reg.example.com:443',
    'https://reg.example.com',
    'http://reg.example.com',
    'https://reg.example.com:443',
    'http://reg.example.com:443',
    'https://reg.example.com/',
    'https://reg.example.com/v1/',
    'https://reg.example.com/v2/',
    'reg.example.com/full/repo',
    'REG.Example.COM',
  ];
  const PORT = ['reg.example.com:5000', 'https://reg.example.com:5000/v2/'];
  test.each([
    ...HUB.map((asked) => ({ asked, server: 'docker.io' })),
    ...HOST.map((asked) => ({ asked, server: 'reg.example.com' })),
    { asked: 'reg.example.com', server: 'https://reg.example.com:443/' },
    { asked: 'https://reg.example.com:443', server: 'https://reg.example.com:443/' },
    ...PORT.map((asked) => ({ asked, server: 'reg.example.com:5000' })),
    { asked: '[::1]:5000', server: '[::1]:5000' },
    { asked: 'registry.hub.docker.com', server: 'registry.hub.docker.com' },
    { asked: 'https://index.docker.io/v1/', server: 'registry.hub.docker.com' },
    { asked: 'quay.io/team/app', server: 'quay.io/team' },
    { asked: 'quay.io', server: 'quay.io/team' },
  ])('$server when asked for $asked', ({ asked, server }) => {
    expect(find(asked, server)).toBe(`ada:${CANARY}`);
  });

  test.each([
    { asked: 'https://index.docker.io/v1/', server: 'docker.io' },
    { asked: 'REG.Example.COM', server: 'https://reg.example.com:443/' },
    { asked: 'https://reg.example.com:5000/v2/', server: 'reg.example.com:5000' },
    { asked: '[::1]:5000', server: '[::1]:5000' },
    { asked: 'quay.io', server: 'quay.io/team' },
  ])('$server, and prints it, when asked for $asked', async ({ asked, server }) => {
    expect(await get(asked, server)).toEqual(found(asked, 'ada', CANARY));
  });

  test.each([
    { end: '\n', name: 'a line feed' },
    { end: '\r\n', name: 'carriage return and line feed' },
    { end: '', name: 'nothing' },
  ])('a server that is followed by $name', async ({ end }) => {
    expect(await get(`reg.example.com${end}`)).toEqual(found('reg.example.com', 'ada', CANARY));
  });
});

describe('get answers with the exact words for "not found" to', () => {
  test.each([
    { name: 'another host', asked: 'other.example.com' },
    { name: 'a host with the name as its user', asked: 'https://reg.example.com@evil.example' },
    { name: 'a space inside', asked: 'reg example.com' },
    { name: 'two servers', asked: 'reg.example.com\nreg.example.com' },
    { name: 'characters that are not ASCII', asked: 'rég.example.com' },
    { name: 'a NUL character', asked: 'reg.example.com\0' },
    { name: 'JSON', asked: '{"ServerURL":"reg.example.com"}' },
    { name: 'a quoted server', asked: '"reg.example.com"' },
    { name: 'a name that every object has', asked: '__proto__' },
    { name: '60 KiB', asked: 'a.'.repeat(30_720) },
  ])('$name', async ({ asked }) => {
    expect(await get(asked)).toEqual(NOT_FOUND);
  });
});

describe('get finds nothing for', () => {
  test.each([
    { name: 'another port', asked: 'reg.example.com:5000' },
    { name: 'a longer host', asked: 'reg.example.com.evil.example' },
    { name: 'a host with the name in its path', asked: 'evil.example/reg.example.com' },
    { name: 'a host with a user', asked: 'https://evil@reg.example.com' },
    { name: 'a backslash before it', asked: 'https://evil.example\\@reg.example.com' },
    { name: 'a backslash after it', asked: 'reg.example.com\\evil' },
    { name: 'a subdomain', asked: 'x.reg.example.com' },
    { name: 'Docker Hub', asked: 'https://index.docker.io/v1/' },
    { name: 'an IPv6 address', asked: '[::1]:5000' },
    { name: 'half an IPv6 address', asked: '[::1:5000' },
    { name: 'a bad port', asked: 'reg.example.com:99999' },
    { name: 'another scheme', asked: 'ftp://reg.example.com' },
    { name: 'a method that every object has', asked: 'constructor' },
    { name: 'a path alone', asked: '/v2/' },
    { name: 'a very long name', asked: 'a'.repeat(300) },
  ])('$name', ({ asked }) => {
    expect(find(asked)).toBeUndefined();
  });
});

test('get answers to a path of many parts before anybody loses patience', async () => {
  const input = `reg.example.com${'/a'.repeat(30_000)}`;
  const env = triple('ACME', 'reg.example.com', 'ada', CANARY);
  const options = { home, env, input, timeoutMs: 4000 };
  await expect(
    runBundle('docker-credential-registry-auth', ['get'], options),
  ).resolves.toBeTruthy();
});

describe('the words of the protocol', () => {
  test.each([
    { name: 'get without a server', args: ['get'], stdout: 'no credentials server URL' },
    { name: 'get of a blank', args: ['get'], input: ' \n', stdout: 'no credentials server URL' },
    { name: 'erase without a server', args: ['erase'], stdout: 'no credentials server URL' },
    { name: 'no argument', args: [], stdout: USAGE },
    { name: 'an empty argument', args: [''], stdout: USAGE },
    { name: 'an unknown verb', args: ['delete'], input: 'reg.example.com', stdout: USAGE },
    { name: 'a verb in capitals', args: ['GET'], input: 'reg.example.com', stdout: USAGE },
    { name: 'several arguments', args: ['get', 'x'], input: 'reg.example.com', stdout: USAGE },
  ])('$name: refused on stdout with status 1', async ({ args, stdout, input = '' }) => {
    const env = triple('ACME', 'reg.example.com', 'ada', CANARY);
    const finished = await runBundle('docker-credential-registry-auth', args, { home, env, input });
    expect(finished).toEqual(refused(stdout));
  });

  test('in an empty home and without a triple there is nothing, and nothing is made', async () => {
    const bare = scratchHome();
    expect(await helper('get', 'reg.example.com', { home: bare })).toEqual(NOT_FOUND);
    expect(await helper('list', '', { home: bare })).toEqual({ ...SILENT, stdout: '{}\n' });
    expect(await helper('erase', 'reg.example.com', { home: bare })).toEqual(SILENT);
    expect(readdirSync(bare)).toEqual([]);
  });
});
