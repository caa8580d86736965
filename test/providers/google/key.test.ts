import { describe, expect, test } from '@jest/globals';
import { nameRegistry } from '../../../src/providers/registry.ts';

const LINES = ['A'.repeat(64), 'b'.repeat(64), 'c/+='];
const PEM = ['-----BEGIN PRIVATE KEY-----', ...LINES, '-----END PRIVATE KEY-----', ''].join('\n');
const KEY = {
  type: 'service_account',
  project_id: 'p',
  private_key: PEM,
  client_email: 'pull@p.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
};
const TEXT = JSON.stringify(KEY);
const PRETTY = JSON.stringify(KEY, null, 2);

const base64 = (text: string) => Buffer.from(text).toString('base64');
const wrapped = (text: string, length = 76) =>
  (text.match(new RegExp(`.{1,${length}}`, 'gs')) ?? []).join('\n');
const escaped = (text: string) => JSON.stringify(text).slice(1, -1);

function judge(password: string, user = '_json_key', server = 'europe-docker.pkg.dev') {
  const {
    named,
    problem,
    notices = [],
  } = nameRegistry({
    ...{ id: 'G', server, user, password, source: 'environment' },
  });
  const what = problem?.what ?? notices.map((one) => `${one.code} ${one.what}`).join();
  return { triple: named?.triple, code: problem?.code, what, fix: problem?.fix };
}

const FORMS: [form: string, password: string][] = [
  ['base64', base64(TEXT)],
  ['base64 of the pretty file', base64(PRETTY)],
  ['base64 in lines', wrapped(base64(PRETTY))],
  ['base64 in lines with CRLF', wrapped(base64(TEXT), 64).replaceAll('\n', '\r\n')],
  ['base64 without padding', base64(`${TEXT} `).replace(/=+$/, '')],
  ['base64, url-safe', Buffer.from(`{"x":"???>>>",${TEXT.slice(1)}`).toString('base64url')],
  ['base64 twice', base64(base64(TEXT))],
  ['base64 twice, in lines', wrapped(base64(wrapped(base64(TEXT))))],
  ['base64 of UTF-16', Buffer.from(`\ufeff${TEXT}`, 'utf16le').toString('base64')],
  ['base64 of UTF-16 without a mark', Buffer.from(TEXT, 'utf16le').toString('base64')],
  [
    'base64 of UTF-16, the other way',
    Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16().toString('base64'),
  ],
  ['base64 of a file with a byte order mark', base64(`\ufeff${TEXT}`)],
  ['base64 in quotes', `"${base64(TEXT)}"`],
  ['single quotes', `'${PRETTY}'`],
  ['double quotes', `"${TEXT}"`],
  ['a JSON string', JSON.stringify(TEXT)],
  ['a JSON string of the pretty file', JSON.stringify(PRETTY)],
  ['escaped quotes', escaped(TEXT)],
  ['escaped quotes, pretty', escaped(PRETTY)],
  ['escaped quotes alone', TEXT.replaceAll('"', '\\"')],
  ['escaped quotes alone, pretty', PRETTY.replaceAll('"', '\\"')],
  ['line breaks escaped twice', TEXT.replaceAll('\\n', '\\\\n')],
  ['line breaks escaped thrice', TEXT.replaceAll('\\n', '\\\\\\\\n')],
  ['real line breaks', PRETTY.replaceAll('\\n', '\n')],
  ['real line breaks with CRLF', PRETTY.replaceAll('\\n', '\r\n')],
  ['no line breaks', TEXT.replaceAll('\\n', '')],
  ['spaces for line breaks', TEXT.replaceAll('\\n', ' ')],
  ['a byte order mark', `\ufeff${PRETTY}`],
  ['a trailing comma', PRETTY.replace(/\n\}$/, ',\n}')],
  ['lines of a terminal', wrapped(TEXT, 90)],
  ['lines of a terminal in quotes', `'${wrapped(TEXT, 80)}'`],
  ["the API's answer", JSON.stringify({ name: 'n', privateKeyData: base64(TEXT) })],
];

describe.each(FORMS)('a key as %s', (_, password) => {
  test('is used as JSON, and said', () => {
    const { triple, what } = judge(password);
    expect(JSON.parse(triple?.password ?? '')).toMatchObject(KEY);
    expect([triple?.user, what]).toEqual([
      '_json_key',
      expect.stringMatching(/^GOOGLE_KEY_DECODED /),
    ]);
    expect(what).not.toMatch(/AAAA|iam\.gserviceaccount/);
  });

  test('is one line of base64 where the user wants that', () => {
    const { triple } = judge(password, '_json_key_base64', 'gcr.io');
    expect(triple?.user).toBe('_json_key_base64');
    expect(triple?.password).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
    const text = Buffer.from(triple?.password ?? '', 'base64').toString();
    expect(JSON.parse(text)).toMatchObject(KEY);
  });

  test('makes another user name the one that Google wants', () => {
    const { triple, what } = judge(password, 'ada');
    expect([triple?.user, what]).toEqual([
      '_json_key',
      expect.stringMatching(/with the user _json_key$/),
    ]);
  });
});

test.each([
  ['compact', TEXT],
  ['pretty', PRETTY],
  ['with CRLF', PRETTY.replaceAll('\n', '\r\n')],
  ['with spaces around', `  ${TEXT}\n`],
])('a key that is JSON stays as it is: %s', (_, password) => {
  const { triple, what } = judge(password);
  expect([triple?.password, what]).toEqual([password, '']);
});

test('base64 in one line stays as it is for the user of base64', () => {
  const { triple, what } = judge(base64(PRETTY), '_json_key_base64');
  expect([triple?.password, what]).toEqual([base64(PRETTY), '']);
});

test.each([
  ...[
    '_json_keyfile',
    'json_key',
    '_json_key_file',
    '_JSON_KEY',
    'jsonkey',
    '__json_key',
    '_json-key',
  ],
  ...['oauth2accesstoken', 'pull@p.iam.gserviceaccount.com', 'ada'],
])('the user %s is _json_key beside a key, on hosts of Google alone', (user) => {
  expect(judge(PRETTY, user).triple).toMatchObject({ user: '_json_key', password: PRETTY });
  expect(judge(PRETTY, user, 'gcr.io:443').triple?.user).toBe('_json_key');
  expect(judge(PRETTY, user, 'cr.yandex').triple?.user).toBe(user);
  expect(judge(PRETTY, user, 'gcr.io.example.com').triple?.user).toBe(user);
});

test.each(['json_key_base64', '_json_key_b64', '_JSON_KEY_BASE64'])(
  'the user %s is that of base64',
  (user) => {
    expect(judge(PRETTY, user).triple).toMatchObject({
      user: '_json_key_base64',
      password: base64(PRETTY),
    });
  },
);

const NO_KEYS: [kind: RegExp, password: string][] = [
  [/authorized_user/, JSON.stringify({ type: 'authorized_user', refresh_token: 'hush' })],
  [/authorized_user/, base64(JSON.stringify({ type: 'authorized_user', refresh_token: 'hush' }))],
  [/external_account/, JSON.stringify({ type: 'external_account', audience: 'hush' })],
  [/impersonates/, JSON.stringify({ type: 'impersonated_service_account', x: 'hush' })],
  [/OAuth client/, JSON.stringify({ web: { client_secret: 'hush' } })],
  [/OAuth client/, JSON.stringify({ installed: { client_secret: 'hush' } })],
  [/P12/, JSON.stringify({ privateKeyType: 'TYPE_PKCS12_FILE', privateKeyData: 'hush' })],
  [/P12/, `MIIK${'hush'.repeat(40)}`],
  [/only the private key/, PEM],
  [/only the private key/, base64(PEM)],
  [/path of a file/, '/home/hush/key.json'],
  [/path of a file/, './hush.json'],
  [/path of a file/, '~/hush'],
  [/path of a file/, 'C:\\Users\\hush\\key.json'],
  [/path of a file/, 'hush.json'],
  [/ID of a key/, '0123456789abcdef0123456789abcdef01234567'],
  [/e-mail/, 'hush@p.iam.gserviceaccount.com'],
  [/API key/, `AIza${'hush'.repeat(9)}`],
  [/access token/, `ya29.${'hush'.repeat(9)}`],
  [/cut off/, TEXT.slice(0, 120)],
  [/cut off/, PRETTY.slice(0, -3)],
  [/cut off/, base64(TEXT).slice(0, 160)],
  [/quotation marks/, TEXT.replaceAll('"', '')],
  [/no private_key/, JSON.stringify({ type: 'service_account', client_email: 'hush@p' })],
  [/not a service-account key/, 'hush'],
];

test.each(NO_KEYS)('what is none is a problem that says %s', (kind, password) => {
  for (const user of ['_json_key', '_json_key_base64', '_json_keyfile']) {
    const { code, what, fix, triple } = judge(password, user);
    expect([user, triple, code]).toEqual([user, undefined, 'GOOGLE_KEY_INVALID']);
    expect(what).toMatch(kind);
    expect(`${what} ${fix}`).not.toMatch(/hush|AAAA/);
  }
});
