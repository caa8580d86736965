import { describe, expect, test } from '@jest/globals';
import { nameRegistry } from '../../../src/providers/registry.ts';

const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const ID = 'AKIAIOSFODNN7EXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const TOKEN = base64(
  JSON.stringify({
    payload: 'A'.repeat(600),
    datakey: 'hush',
    version: '2',
    type: 'DATA_KEY',
    expiration: 4_000_000_000,
  }),
);
const AUTHORIZATION = base64(`AWS:${TOKEN}`);
const wrapped = (text: string) => (text.match(/.{1,76}/g) ?? []).join('\n');

function judge(user: string, password: string, server = HOST, sessionToken?: string) {
  const session = sessionToken === undefined ? {} : { sessionToken };
  const {
    named,
    problem,
    notices = [],
  } = nameRegistry({
    ...{ id: 'E', server, user, password, source: 'environment', ...session },
  });
  const { triple } = named ?? {};
  const told = [...(problem ? [problem] : []), ...notices];
  const text = told.map((one) => `${one.subject} ${one.what} ${one.fix ?? ''}`).join();
  return { triple, codes: told.map(({ code }) => code), text };
}

const TOKENS: [form: string, user: string, password: string][] = [
  ['the user in small letters', 'aws', TOKEN],
  ['the user as a name', 'Aws', TOKEN],
  ['authorizationToken', 'AWS', AUTHORIZATION],
  ['authorizationToken in lines', 'AWS', wrapped(AUTHORIZATION)],
  ['authorizationToken in quotes', 'AWS', `"${AUTHORIZATION}"`],
  ['authorizationToken, decoded', 'AWS', `AWS:${TOKEN}`],
  [
    'the answer of get-authorization-token',
    'AWS',
    JSON.stringify(
      { authorizationData: [{ authorizationToken: AUTHORIZATION, proxyEndpoint: 'x' }] },
      null,
      4,
    ),
  ],
  [
    'the answer of ecr-public',
    'AWS',
    JSON.stringify({ authorizationData: { authorizationToken: AUTHORIZATION } }),
  ],
  ['docker login -p', 'AWS', `docker login -u AWS -p ${TOKEN} https://${HOST}`],
  ['docker login with -e none', 'aws', `docker login -u AWS -p ${TOKEN} -e none https://${HOST}`],
  ['docker login --password=', 'AWS', `docker login --username AWS --password=${TOKEN} ${HOST}`],
  [
    'docker login --password in quotes',
    'AWS',
    `docker login --username AWS --password "${TOKEN}" ${HOST}`,
  ],
  ['echo', 'AWS', `echo ${TOKEN} | docker login --username AWS --password-stdin ${HOST}`],
  ['a token in lines', 'AWS', wrapped(TOKEN)],
  ['a token with a space in it', 'AWS', `${TOKEN.slice(0, 90)} ${TOKEN.slice(90)}`],
  ['a token in quotes', 'AWS', `'${TOKEN}'`],
  ['a token beside a name', 'ada', TOKEN],
  ['authorizationToken beside an address', 'ada@example.com', AUTHORIZATION],
];

test.each(TOKENS)('%s becomes a token beside AWS, and is said', (_, user, password) => {
  for (const host of [HOST, 'public.ecr.aws']) {
    const { triple, codes, text } = judge(user, password, host);
    expect([triple?.user, triple?.password, codes]).toEqual(['AWS', TOKEN, ['ECR_VALUE_MENDED']]);
    expect(text).not.toContain(TOKEN.slice(20, 60));
  }
});

const KEYS: [form: string, user: string, password: string][] = [
  ['quotes around the secret', ID, `"${SECRET}"`],
  ['a line break in the secret', ID, `${SECRET.slice(0, 20)}\n${SECRET.slice(20)}`],
  ['quotes in the ID', `"${ID}`, SECRET],
  ['both', ` '${ID}' `, `'${SECRET}'`],
];

test.each(KEYS)('keys with %s are used without, and it is said', (_, user, password) => {
  const { triple, codes, text } = judge(user, password);
  expect([triple?.user, triple?.password, codes]).toEqual([ID, SECRET, ['ECR_VALUE_MENDED']]);
  expect(text).not.toMatch(/IOSFODNN|FEMI/);
});

test.each([` ${SECRET} `, `\t${SECRET}`])(
  'white space around a secret goes, as ever',
  (password) => {
    const { triple, codes } = judge(ID, password);
    expect([triple?.password, codes]).toEqual([SECRET, []]);
  },
);

test('a session token is mended too', () => {
  const { triple, codes } = judge(ID.replace('AKIA', 'ASIA'), SECRET, HOST, ' "abc\ndef" ');
  expect([triple?.sessionToken, codes]).toEqual(['abcdef', ['ECR_VALUE_MENDED']]);
});

test.each([
  [ID, SECRET],
  ['AWS', TOKEN],
  ['AWS', 'another-token'],
  ['ACCESSKEYIDOFANOTHERKIND', 'x'],
])('%s beside what belongs to it stays as it is', (user, password) => {
  const { triple, codes } = judge(user, password);
  expect([triple?.user, triple?.password, codes]).toEqual([user, password, []]);
});

const WRONG: [what: string, user: string, password: string, code: string, text: RegExp][] = [
  ['a secret access key beside AWS', 'AWS', SECRET, 'ECR_USER_INVALID', /access key ID/],
  ['a secret access key beside aws', 'aws', ` ${SECRET}\n`, 'ECR_USER_INVALID', /access key ID/],
  ['an access key ID beside AWS', 'AWS', ID, 'ECR_USER_INVALID', /access key ID/],
  ['a name', 'deploy-bot', SECRET, 'ECR_USER_INVALID', /a name, not an access key ID/],
  ['an e-mail address', 'ada@example.com', SECRET, 'ECR_USER_INVALID', /an e-mail address/],
  ['an ARN without colons', 'user/ada', 'hunter2', 'ECR_USER_INVALID', /access key ID/],
  ['an account', '123456789012', SECRET, 'ECR_USER_INVALID', /access key ID/],
  ['swapped keys', SECRET, ID, 'ECR_KEYS_SWAPPED', /swap/],
  ['swapped keys with white space', ` ${SECRET}`, `${ID}\n`, 'ECR_KEYS_SWAPPED', /swap/],
  ['swapped keys in quotes', SECRET, `"${ID}"`, 'ECR_KEYS_SWAPPED', /swap/],
];

describe.each(WRONG)('%s', (_, user, password, code, expected) => {
  test.each([HOST, 'public.ecr.aws'])('is a problem at %s', (host) => {
    const { triple, codes, text } = judge(user, password, host);
    expect([triple !== undefined, codes]).toEqual([code === 'ECR_KEYS_SWAPPED', [code]]);
    expect(text).toMatch(expected);
    expect(text).not.toMatch(/ada|IOSFODNN|FEMI|deploy/);
  });
});
