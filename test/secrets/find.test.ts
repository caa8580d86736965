import { describe, expect, test } from '@jest/globals';
import { discover } from '../../src/registries/discover.ts';
import { findTriples } from '../../src/secrets/find.ts';
import { tellHints } from '../../src/secrets/hints.ts';
import type { Source } from '../../src/secrets/triple.ts';

function environment(variables: Record<string, string>): Source {
  return { name: 'environment', variables };
}

/** `A.SERVER=x` for A_CONTAINER_REGISTRY_SERVER. */
function variables(...words: string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
      return [name.replace('.', '_CONTAINER_REGISTRY_'), value];
    }),
  );
}

function find(...words: string[]) {
  const { ids: _, others: __, ...found } = findTriples([environment(variables(...words))]);
  return found;
}

test('finds a whole triple', () => {
  expect(find('A.SERVER=reg.example.com', 'A.USER=me', 'A.PASSWORD=it')).toEqual({
    triples: [
      { id: 'A', server: 'reg.example.com', user: 'me', password: 'it', source: 'environment' },
    ],
    problems: [],
    notices: [],
    broken: new Map(),
  });
});

test('finds triples in the order of their IDs, whatever the order of the variables', () => {
  const words = ['Z', '_x', 'B_CONTAINER_REGISTRY', 'a1'].flatMap((id) => [
    `${id}.SERVER=r.io`,
    `${id}.USER=u`,
    `${id}.PASSWORD=p`,
  ]);
  expect(find(...words).triples.map(({ id }) => id)).toEqual([
    'B_CONTAINER_REGISTRY',
    'Z',
    '_x',
    'a1',
  ]);
});

test('takes a session token along', () => {
  const [triple] = find('A.SERVER=s', 'A.USER=u', 'A.PASSWORD=p', 'A.SESSION_TOKEN=t\n').triples;
  expect(triple?.sessionToken).toBe('t');
});

test('a role and its external id belong to their triple, and are trimmed as SERVER is', () => {
  const whole = ['A.SERVER=s', 'A.USER=u', 'A.PASSWORD=p'];
  const { triples, notices } = find(...whole, 'A.ROLE_ARN= "arn" ', 'A.EXTERNAL_ID=id\n');
  expect(triples).toMatchObject([{ roleArn: 'arn', externalId: 'id' }]);
  expect(notices.map(({ code, subject }) => [code, subject])).toEqual([
    ['VALUE_TRIMMED', 'A_CONTAINER_REGISTRY_ROLE_ARN'],
    ['VALUE_TRIMMED', 'A_CONTAINER_REGISTRY_EXTERNAL_ID'],
  ]);
  const [bare] = find(...whole, 'A.ROLE_ARN= ', "A.EXTERNAL_ID=''").triples;
  expect(bare).toMatchObject({ id: 'A', roleArn: undefined, externalId: undefined });
});

test('a role is not joined to the triple of another source', () => {
  const file = { name: '.env', file: '/w/.env', variables: variables('A.ROLE_ARN=arn') };
  const whole = environment(variables('A.SERVER=s', 'A.USER=u', 'A.PASSWORD=p'));
  const { triples, problems } = findTriples([whole, file]);
  expect(triples.map(({ roleArn }) => roleArn)).toEqual([undefined]);
  expect(problems.map(({ code }) => code)).toEqual(['TRIPLE_INCOMPLETE']);
});

test('another role is another credential', () => {
  const server = 'SERVER=123456789012.dkr.ecr.us-east-1.amazonaws.com';
  const whole = (id: string) => [
    `${id}.${server}`,
    `${id}.USER=AKIAIOSFODNN7EXAMPLE`,
    `${id}.PASSWORD=p`,
  ];
  const role = (id: string, name: string) =>
    `${id}.ROLE_ARN=arn:aws:iam::123456789012:role/${name}`;
  const problems = (...words: string[]) => {
    const found = discover([environment(variables(...whole('A'), ...whole('B'), ...words))], {
      githubToken: false,
    });
    return found.problems.map(({ code }) => code);
  };
  expect(problems()).toEqual([]);
  expect(problems(role('A', 'one'), role('B', 'one'))).toEqual([]);
  expect(problems(role('A', 'one'))).toEqual(['REGISTRY_CLAIMED_TWICE']);
  expect(problems(role('A', 'one'), role('B', 'two'))).toEqual(['REGISTRY_CLAIMED_TWICE']);
  const id = 'B.EXTERNAL_ID=other';
  expect(problems(role('A', 'one'), role('B', 'one'), id)).toEqual(['REGISTRY_CLAIMED_TWICE']);
});

const CLEANED: [name: string, word: string, cleaned: object, notices: number][] = [
  ['white space around SERVER', 'A.SERVER=  r.io \n', { server: 'r.io' }, 1],
  ['quotes around SERVER', `A.SERVER='r.io'`, { server: 'r.io' }, 1],
  ['quotes around USER', 'A.USER=" me "', { user: 'me' }, 1],
  ['a line break after PASSWORD', 'A.PASSWORD=p\r\n', { password: 'p' }, 1],
  ['no space of PASSWORD', 'A.PASSWORD= p ', { password: ' p ' }, 0],
  ['no quotes of PASSWORD', 'A.PASSWORD="p"', { password: '"p"' }, 0],
  ['no line break inside PASSWORD', 'A.PASSWORD=a\nb', { password: 'a\nb' }, 0],
  ['no colon of PASSWORD', 'A.PASSWORD=a:b', { password: 'a:b' }, 0],
];

test.each(CLEANED)('drops %s, and says what it drops', (_, word, cleaned, count) => {
  const { triples, notices } = find('A.SERVER=s', 'A.USER=u', 'A.PASSWORD=p', word);
  expect(triples).toEqual([
    { id: 'A', server: 's', user: 'u', password: 'p', source: 'environment', ...cleaned },
  ]);
  expect(notices.map(({ code }) => code)).toEqual(Array(count).fill('VALUE_TRIMMED'));
});

const WRONG: [name: string, words: string[], code: string, line: string][] = [
  [
    'PASSWORD missing',
    ['A.SERVER=s', 'A.USER=u'],
    'TRIPLE_INCOMPLETE',
    'A_CONTAINER_REGISTRY_PASSWORD: missing, but SERVER and USER are set',
  ],
  [
    'two parts missing',
    ['A.USER=u'],
    'TRIPLE_INCOMPLETE',
    'A_CONTAINER_REGISTRY_SERVER: missing (and PASSWORD), but USER is set',
  ],
  [
    'PASSWORD empty',
    ['A.SERVER=s', 'A.USER=u', 'A.PASSWORD='],
    'TRIPLE_INCOMPLETE',
    'A_CONTAINER_REGISTRY_PASSWORD: missing, but SERVER and USER are set',
  ],
  [
    'PASSWORD a line break only',
    ['A.SERVER=s', 'A.USER=u', 'A.PASSWORD=\n'],
    'TRIPLE_INCOMPLETE',
    'A_CONTAINER_REGISTRY_PASSWORD: missing, but SERVER and USER are set',
  ],
  [
    'SERVER white space only',
    ['A.SERVER=  ', 'A.USER=u', 'A.PASSWORD=p'],
    'TRIPLE_INCOMPLETE',
    'A_CONTAINER_REGISTRY_SERVER: missing, but USER and PASSWORD are set',
  ],
  [
    'SESSION_TOKEN alone',
    ['A.SESSION_TOKEN=t'],
    'TRIPLE_INCOMPLETE',
    'A_CONTAINER_REGISTRY_SERVER: missing (and USER, PASSWORD)',
  ],
  [
    'no identifier',
    ['CONTAINER_REGISTRY_SERVER=s'],
    'ID_MISSING',
    'CONTAINER_REGISTRY_SERVER: has no identifier before CONTAINER_REGISTRY_',
  ],
  [
    'an underscore for an identifier',
    ['_CONTAINER_REGISTRY_USER=s'],
    'ID_MISSING',
    '_CONTAINER_REGISTRY_USER: has no identifier before CONTAINER_REGISTRY_',
  ],
  [
    'a colon in USER',
    ['A.SERVER=s', 'A.USER=a:b', 'A.PASSWORD=p'],
    'USER_HAS_COLON',
    'A_CONTAINER_REGISTRY_USER: contains ":", which no Docker configuration can store',
  ],
  [
    'a tab in USER',
    ['A.SERVER=s', 'A.USER=a\tb', 'A.PASSWORD=p'],
    'USER_HAS_CONTROL_CHARACTER',
    'A_CONTAINER_REGISTRY_USER: contains a control character',
  ],
  [
    'NUL in PASSWORD',
    ['A.SERVER=s', 'A.USER=u', 'A.PASSWORD=a\0b'],
    'PASSWORD_HAS_NUL',
    'A_CONTAINER_REGISTRY_PASSWORD: contains a NUL character, where clients cut it off',
  ],
];

const LONG: [name: string, words: string[], code: string, line: string][] = [
  [
    'SERVER of 1,025 characters',
    [`A.SERVER=${'s'.repeat(1025)}`, 'A.USER=u', 'A.PASSWORD=p'],
    'VALUE_TOO_LONG',
    'A_CONTAINER_REGISTRY_SERVER: is longer than 1024 characters',
  ],
  [
    'USER of 1,025 characters',
    ['A.SERVER=s', `A.USER=${'u'.repeat(1025)}`, 'A.PASSWORD=p'],
    'VALUE_TOO_LONG',
    'A_CONTAINER_REGISTRY_USER: is longer than 1024 characters',
  ],
  [
    'PASSWORD of 65,537 characters',
    ['A.SERVER=s', 'A.USER=u', `A.PASSWORD=${'p'.repeat(65_537)}`],
    'VALUE_TOO_LONG',
    'A_CONTAINER_REGISTRY_PASSWORD: is longer than 65536 characters',
  ],
  ...(['SERVER', 'USER', 'PASSWORD'] as const).map((part): (typeof WRONG)[number] => [
    `bytes in ${part} that Node could not read as text`,
    ['A.SERVER=s', 'A.USER=u', 'A.PASSWORD=p', `A.${part}=x\ufffd`],
    'VALUE_NOT_UTF8',
    `A_CONTAINER_REGISTRY_${part}: is not valid UTF-8 text`,
  ]),
];

test('the longest values that are allowed are used', () => {
  const words = [`A.USER=${'u'.repeat(1024)}`, `A.PASSWORD=${'p'.repeat(65_536)}`];
  expect(find('A.SERVER=s', ...words).triples).toHaveLength(1);
});

test.each([...WRONG, ...LONG])(
  '%s is a problem that costs no other triple',
  (_, words, code, line) => {
    const { triples, problems } = find(...words, 'B.SERVER=s', 'B.USER=u', 'B.PASSWORD=p');
    expect(triples.map(({ id }) => id)).toEqual(['B']);
    expect(
      problems.map((problem) => [problem.code, `${problem.subject}: ${problem.what}`]),
    ).toEqual([[code, line]]);
    expect(problems[0]?.fix).toMatch(/^[a-z]/);
  },
);

test('secrets that were passed on although they are not set say nothing', () => {
  expect(find('A.SERVER=', 'A.USER=', 'A.PASSWORD=')).toEqual({
    triples: [],
    problems: [],
    notices: [],
    broken: new Map(),
  });
});

test('other variables are nothing to do with us', () => {
  expect(find('PATH=/bin', 'A_CONTAINER_REGISTRY=x', 'A.SERVERS=x', '1.SERVER=x')).toEqual({
    triples: [],
    problems: [],
    notices: [],
    broken: new Map(),
  });
});

test('a triple is never joined from two sources, and says so', () => {
  const sources = [
    { name: '.env', file: '/here/.env', variables: variables('A.SERVER=evil.example.com') },
    environment(variables('A.USER=u', 'A.PASSWORD=p')),
  ];
  const { triples, problems } = findTriples(sources);
  expect(triples).toEqual([]);
  expect(problems.map(({ subject, what }) => `${subject}: ${what}`)).toEqual([
    'A_CONTAINER_REGISTRY_USER in .env: missing (and PASSWORD), but SERVER is set; not taken from environment, because all three must come from one source',
    'A_CONTAINER_REGISTRY_SERVER: missing, but USER and PASSWORD are set; not taken from .env, because all three must come from one source',
  ]);
});

test('the first source that holds a whole triple wins, and a partial one is reported all the same', () => {
  const whole = (password: string) => variables('A.SERVER=s', 'A.USER=u', `A.PASSWORD=${password}`);
  const { triples, problems } = findTriples([
    environment(variables('A.USER=u')),
    { name: 'one.env', file: '/one.env', variables: whole('one') },
    { name: 'two.env', file: '/two.env', variables: whole('two') },
  ]);
  expect(triples).toEqual([
    { id: 'A', server: 's', user: 'u', password: 'one', source: 'one.env', file: '/one.env' },
  ]);
  expect(problems.map(({ code }) => code)).toEqual(['TRIPLE_INCOMPLETE']);
});

const KEY = JSON.stringify(
  { type: 'service_account', private_key: '-----BEGIN', client_email: 'a@b' },
  null,
  2,
);

const GOOGLE: [name: string, password: string, notices: string[]][] = [
  ['as it is, with line breaks', KEY, []],
  [
    'as base64',
    Buffer.from(KEY).toString('base64'),
    ['holds the service-account key as base64; used decoded'],
  ],
  [
    'as base64 in lines',
    (
      Buffer.from(KEY)
        .toString('base64')
        .match(/.{1,60}/g) ?? []
    ).join('\n'),
    ['holds the service-account key as base64; used decoded'],
  ],
  ['in single quotes', `'${KEY}'`, ['holds the service-account key in quotes; used decoded']],
];

test.each(GOOGLE)('a Google key %s becomes the plain key', (_, password, notices) => {
  const found = discover(
    [environment(variables('G.SERVER=gcr.io', 'G.USER=_json_key', `G.PASSWORD=${password}`))],
    { githubToken: false },
  );
  expect(found.desired.map(({ triple }) => triple.password)).toEqual([KEY]);
  expect(found.notices.map(({ what }) => what)).toEqual(notices);
});

test('a Google key as a JSON string becomes the plain key', () => {
  const found = discover(
    [
      environment(
        variables('G.SERVER=gcr.io', 'G.USER=_json_key', `G.PASSWORD=${JSON.stringify(KEY)}`),
      ),
    ],
    { githubToken: false },
  );
  expect(found.desired.map(({ triple }) => triple.password)).toEqual([KEY]);
});

test.each(['hunter2', '{}', '{"type":"authorized_user"}', 'bm90IGEga2V5'])(
  'a Google password that is no key is a problem: %s',
  (password) => {
    const found = discover(
      [environment(variables('G.SERVER=gcr.io', 'G.USER=_json_key', `G.PASSWORD=${password}`))],
      { githubToken: false },
    );
    expect(found.desired).toEqual([]);
    expect(found.problems.map(({ code }) => code)).toEqual(['GOOGLE_KEY_INVALID']);
    expect([...found.broken.ids]).toEqual(['G']);
  },
);

test('two IDs with one credential for one registry are no problem', () => {
  const words = ['A', 'B'].flatMap((id) => [
    `${id}.SERVER=r.io`,
    `${id}.USER=u`,
    `${id}.PASSWORD=p`,
  ]);
  const found = discover([environment(variables(...words))], { githubToken: false });
  expect(found.problems).toEqual([]);
  expect(found.desired.map(({ keys, ids }) => [keys, ids])).toEqual([[['r.io'], ['A', 'B']]]);
});

test('of two IDs with different credentials for one registry the first wins, and the problem names both', () => {
  const found = discover(
    [
      environment(
        variables(
          'B.SERVER=r.io',
          'B.USER=u',
          'B.PASSWORD=b',
          'A.SERVER=https://R.io/',
          'A.USER=u',
          'A.PASSWORD=a',
        ),
      ),
    ],
    { githubToken: false },
  );
  expect(found.desired.map(({ triple }) => triple.id)).toEqual(['A']);
  expect([...found.broken.clashing]).toEqual(['B']);
  expect(found.problems).toEqual([
    {
      id: 'B',
      code: 'REGISTRY_CLAIMED_TWICE',
      subject: 'B_CONTAINER_REGISTRY_SERVER',
      what: 'names the same registry as A_CONTAINER_REGISTRY_SERVER, with another credential; A is used, B is not',
      fix: 'remove B or A, or give each a namespace of its own',
    },
  ]);
});

test('namespaces of one host have their own keys, and the host goes to the triple without one', () => {
  const words = ['A.SERVER=r.io/a', 'B.SERVER=r.io/b', 'C.SERVER=r.io'].flatMap((word) => [
    word,
    `${word[0]}.USER=u`,
    `${word[0]}.PASSWORD=${word[0]}`,
  ]);
  const logins = (list: string[]) =>
    discover([environment(variables(...list))], { githubToken: false }).desired.map(
      ({ name, triple }) => [name, triple.id],
    );
  expect(logins(words)).toEqual([
    ['r.io/a', 'A'],
    ['r.io/b', 'B'],
    ['r.io', 'C'],
  ]);
  expect(logins(words.slice(0, 6))).toEqual([
    ['r.io', 'A'],
    ['r.io/a', 'A'],
    ['r.io/b', 'B'],
  ]);
});

const GITHUB = { CODESPACES: 'true', GITHUB_TOKEN: 'gh', GITHUB_USER: 'me' };

test.each([
  ['in a codespace', GITHUB, true, [['ghcr.io', 'GITHUB_TOKEN']]],
  ['not outside one', { ...GITHUB, CODESPACES: '' }, true, []],
  ['not without a user', { ...GITHUB, GITHUB_USER: '' }, true, []],
  ['not when the option is off', GITHUB, false, []],
  ['not of another GitHub', { ...GITHUB, GITHUB_SERVER_URL: 'https://github.example' }, true, []],
  [
    'of github.com by name too',
    { ...GITHUB, GITHUB_SERVER_URL: 'https://github.com' },
    true,
    [['ghcr.io', 'GITHUB_TOKEN']],
  ],
  [
    'not beside an explicit triple',
    { ...GITHUB, ...variables('A.SERVER=ghcr.io', 'A.USER=u', 'A.PASSWORD=p') },
    true,
    [['ghcr.io', 'A']],
  ],
] as const)("GitHub's own token serves ghcr.io: %s", (_, env, githubToken, logins) => {
  const found = discover([environment({ ...env })], { githubToken });
  expect(found.desired.map(({ name, triple }) => [name, triple.id])).toEqual(logins);
});

describe('a value as it was pasted', () => {
  const readAll = (server: string, user: string, password: string) => {
    const variables = {
      A_CONTAINER_REGISTRY_SERVER: server,
      A_CONTAINER_REGISTRY_USER: user,
      A_CONTAINER_REGISTRY_PASSWORD: password,
    };
    const sources = [{ name: 'environment', variables }];
    const found = discover(sources, { githubToken: false });
    const { desired } = found;
    const { notices } = tellHints(found, []);
    const { host } = desired[0]?.registry ?? {};
    const { triple: read } = desired[0] ?? {};
    const told = notices.map(({ code, what }) => `${code} ${what}`);
    return { host, user: read?.user, password: read?.password, told };
  };
  const TRIMMED = 'VALUE_TRIMMED has white space or quotes around it; used without them';
  const UNSEEN =
    'VALUE_TRIMMED has a byte order mark or another invisible character; used without it';

  test.each([
    ['"r.io"', '"me"', '"tok"', [TRIMMED, TRIMMED, TRIMMED]],
    ["'r.io'", 'me', "'tok'", [TRIMMED, TRIMMED]],
    ['\u201cr.io\u201d', 'me', '\u201ctok\u201d', [TRIMMED, TRIMMED]],
    ['`r.io`', '`me`', 'tok', [TRIMMED, TRIMMED]],
    ['\ufeffr.io', 'me', 'tok', [UNSEEN]],
    ['r.io\u200b', '\u200bme\u2060', 'tok', [UNSEEN, UNSEEN]],
    ['r.io', 'me', '\ufefftok', [UNSEEN]],
    ['r.io', 'me', 'tok\r\n', ['VALUE_TRIMMED ends with a line break; used without it']],
    ['\u00a0r.io ', '\tme\n', 'tok', [TRIMMED, TRIMMED]],
  ])('%j, %j and %j lose what is no part of them', (server, user, password, told) => {
    expect(readAll(server, user, password)).toEqual({
      host: 'r.io',
      user: 'me',
      password: 'tok',
      told,
    });
  });

  test('quotes around nothing are no empty password', () => {
    expect(readAll('"r.io"', '"me"', '""')).toMatchObject({ password: '""' });
  });

  const REFERENCE = 'is a reference that was not replaced by its value';
  const PLACEHOLDER = 'is a placeholder';
  const SCHEME = 'begins with the name of an HTTP scheme, which is not part of a token';
  const SPACE = 'begins or ends with white space';
  test.each([
    ['$' + '{{ secrets.TOKEN }}', REFERENCE],
    ['{{token}}', REFERENCE],
    ['$TOKEN', REFERENCE],
    ['$' + '{TOKEN}', REFERENCE],
    ['$' + '{localEnv:TOKEN}', REFERENCE],
    ['$(cat token)', REFERENCE],
    ['%TOKEN%', REFERENCE],
    ['<PAT>', PLACEHOLDER],
    ['YOUR-TOKEN', PLACEHOLDER],
    ['your_password_here', PLACEHOLDER],
    ['paste-the-token-here', PLACEHOLDER],
    ['changeme', PLACEHOLDER],
    ['***', PLACEHOLDER],
    ['XXXXXXXX', PLACEHOLDER],
    ['token', PLACEHOLDER],
    ['Bearer tok', SCHEME],
    ['Basic dTpw', SCHEME],
    ['Token: abc', SCHEME],
    ['"tok"', 'has quotes around it'],
    ["'tok'", 'has quotes around it'],
    [' tok', SPACE],
    ['tok ', SPACE],
    ['to\u200bk', 'has an invisible character in it'],
  ])('%j stays, and is told to be odd', (password, what) => {
    const found = readAll('r.io', 'me', password);
    expect(found.password).toBe(password);
    expect(found.told).toEqual([expect.stringMatching(/^VALUE_ODD /)]);
    expect(found.told[0]).toContain(what);
  });

  test.each([
    'ghp_0123456789abcdefghijklmnopqrstuvwxyz',
    'not-a-secret',
    'secret',
    'password',
    'correct horse battery staple',
    'pa$$word{1}',
    '$2y$10$abcdefghijklmnopqrstuv',
    'x9<y>z',
    '{"type":"service_account"}',
    'eyJhbGciOiJIUzI1NiJ9.e30.x==',
    'tokens-are-fine',
    'my "quoted" word',
  ])('%j is nothing odd', (password) => {
    expect(readAll('r.io', 'me', password)).toMatchObject({ password, told: [] });
  });
});
