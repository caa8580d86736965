import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mayBeOdd } from '../../src/secrets/clean.ts';
import { findTriples } from '../../src/secrets/find.ts';
import { tellHints } from '../../src/secrets/hints.ts';
import { ODD } from '../../src/secrets/odd.ts';
import type { Source } from '../../src/secrets/triple.ts';

type Variables = Record<string, string>;

function tell(variables: Variables, ignore: string[] = [], others: Source[] = []) {
  const sources = [{ name: 'environment', variables }, ...others];
  return tellHints({ ...findTriples(sources), desired: [] }, ignore);
}

/** The names of a whole triple, which a test then spoils. */
function named(...names: string[]): Variables {
  return Object.fromEntries(names.map((name) => [name, 'x']));
}

const EXACT = (id: string) =>
  ['SERVER', 'USER', 'PASSWORD'].map((part) => `${id}_CONTAINER_REGISTRY_${part}`);

describe('beside a triple that lacks a part', () => {
  test.each([
    ['ACME_CONTAINER_REGISTRY_USERNAME', 'USER'],
    ['ACME_CONTAINER_REGISTRY_USR', 'USER'],
    ['ACME_CONTAINER_REGISTRY_LOGIN', 'USER'],
    ['ACME_CONTAINER_REGISTRY_USRE', 'USER', 'none: two letters of four'],
    ['ACME_CONTAINER_REGISTRY_LOGIN_SERVER', 'SERVER'],
    ['ACME_CONTAINER_REGISTRY_URL', 'SERVER'],
    ['ACME_CONTAINER_REGISTRY_HOST', 'SERVER'],
    ['ACME_CONTAINER_REGISTRY_SEVER', 'SERVER'],
    ['ACME_CONTAINER_REGISTRY', 'SERVER'],
    ['ACME_CONTAINER_REGISTRY_PASS', 'PASSWORD'],
    ['ACME_CONTAINER_REGISTRY_PASSWROD', 'PASSWORD'],
    ['ACME_CONTAINER_REGISTRY_TOKEN', 'PASSWORD'],
    ['ACME_CONTAINER_REGISTRY_PAT', 'PASSWORD'],
    ['ACME_CONTAINER_REGISTERY_PASSWORD', 'PASSWORD'],
    ['ACME_CONTIANER_REGISTRY_PASSWORD', 'PASSWORD'],
    ['ACME_CONTAINERREGISTRY_PASSWORD', 'PASSWORD'],
    ['ACME_Container_Registry_Password', 'PASSWORD'],
    ['acme_container_registry_password', 'PASSWORD'],
    ['ACME-CONTAINER-REGISTRY-PASSWORD', 'PASSWORD'],
    ['CONTAINER_REGISTRY_ACME_PASSWORD', 'PASSWORD'],
    ['CONTAINER_REGISTRY_ACME_CLIENT_SECRET', 'PASSWORD'],
  ])('%s is named in its message', (name, part, isNone = '') => {
    const others = EXACT('ACME').filter((one) => !one.endsWith(part));
    const { problems, notices } = tell(named(name, ...others));
    const rename = `rename ${name} to ACME_CONTAINER_REGISTRY_${part}`;
    const fix = isNone === '' ? rename : expect.not.stringContaining('rename');
    expect(problems).toMatchObject([{ code: 'TRIPLE_INCOMPLETE', id: 'ACME', fix }]);
    expect(notices).toEqual([]);
  });

  test.each([
    ['ACME_CONTAINER_REGISTRY_PASSWORDFILE', 'PASSWORD_FILE'],
    ['ACME_CONTAINER_REGISTRY_PASSWORD_PATH', 'PASSWORD_FILE'],
    ['ACME_CONTAINER_REGISTRY_TOKEN_FILE', 'PASSWORD_FILE'],
    ['CONTAINER_REGISTRY_ACME_PASSWORD_FILE', 'PASSWORD_FILE'],
    ['acme_container_registry_password_file', 'PASSWORD_FILE'],
    ['ACME_CONTAINER_REGISTRY_PASSWORD_CMD', 'PASSWORD_COMMAND'],
    ['ACME_CONTAINER_REGISTRY_PASSWORD_COMAND', 'PASSWORD_COMMAND'],
    ['ACME_CONTAINER_REGISTRY_SECRET_SCRIPT', 'PASSWORD_COMMAND'],
  ])('%s is named as what stands in place of PASSWORD', (name, part) => {
    const others = ['ACME_CONTAINER_REGISTRY_SERVER', 'ACME_CONTAINER_REGISTRY_USER'];
    const { problems } = tell(named(name, ...others));
    expect(problems).toMatchObject([{ fix: `rename ${name} to ACME_CONTAINER_REGISTRY_${part}` }]);
  });

  test('USERNAME is named where a file stands in place of PASSWORD', () => {
    const id = 'ACME_CONTAINER_REGISTRY';
    const { problems } = tell(named(`${id}_SERVER`, `${id}_USERNAME`, `${id}_PASSWORD_COMMAND`));
    expect(problems).toMatchObject([{ fix: `rename ${id}_USERNAME to ${id}_USER` }]);
  });

  test('in an ID of small letters, too', () => {
    const { problems } = tell(
      named('acme_CONTAINER_REGISTRY_SERVER', 'acme_CONTAINER_REGISTRY_USERNAME'),
    );
    const fix = 'rename acme_CONTAINER_REGISTRY_USERNAME to acme_CONTAINER_REGISTRY_USER';
    expect(problems).toMatchObject([{ fix }]);
  });
});

describe('where no name is right', () => {
  test.each([
    [
      [
        'HVO_CONTAINER_REGISTRY_LOGIN_SERVER',
        'HVO_CONTAINER_REGISTRY_USERNAME',
        'HVO_CONTAINER_REGISTRY_PASS',
      ],
      'HVO',
    ],
    [['ACME_REGISTRY_SERVER', 'ACME_REGISTRY_USER', 'ACME_REGISTRY_PASSWORD'], 'ACME'],
    [['ACME_REGISTRY_URL', 'ACME_REGISTRY_USERNAME', 'ACME_REGISTRY_TOKEN'], 'ACME'],
    [
      [
        'CONTAINER_REGISTRY_ACME_SERVER',
        'CONTAINER_REGISTRY_ACME_USER',
        'CONTAINER_REGISTRY_ACME_PASSWORD',
      ],
      'ACME',
    ],
    [
      [
        'MY-CO_CONTAINER_REGISTRY_SERVER',
        'MY-CO_CONTAINER_REGISTRY_USER',
        'MY-CO_CONTAINER_REGISTRY_PASSWORD',
      ],
      'MY_CO',
    ],
    [
      [
        'my_co_container_registry_server',
        'my_co_container_registry_user',
        'my_co_container_registry_password',
      ],
      'MY_CO',
    ],
    [
      [
        'A_CONTAINER_REGISTERY_SERVER',
        'A_CONTAINER_REGISTERY_USER',
        'A_CONTAINER_REGISTERY_PASSWORD',
      ],
      'A',
    ],
  ])('%j are named in a notice', (names, id) => {
    const renames = names.map((name, index) => `${name} to ${EXACT(id)[index]}`);
    expect(tell(named(...names))).toEqual({
      problems: [],
      notices: [
        {
          code: 'NAME_NEARLY',
          subject: names.join(', '),
          what: 'are almost the name of a registry secret, and not used',
          fix: `rename ${renames.join(', and ')}`,
        },
      ],
    });
  });
});

test.each([
  [['NPM_CONFIG_REGISTRY', 'NPM_CONFIG_USER', 'NPM_CONFIG_PASSWORD']],
  [['npm_config_registry', 'npm_config_userconfig']],
  [['AZURE_CONTAINER_REGISTRY_ENDPOINT', 'AZURE_CONTAINER_REGISTRY_NAME', 'AZURE_REGION']],
  [['DOCKER_REGISTRY', 'DOCKER_REGISTRY_MIRROR', 'REGISTRY_AUTH_FILE']],
  [['CI_REGISTRY', 'CI_REGISTRY_IMAGE', 'CI_REGISTRY_USER']],
  [['CONTAINER_REGISTRY_URL', 'CONTAINER_REGISTRY_NAMESPACE']],
  [['SCHEMA_REGISTRY_URL', 'SCHEMA_REGISTRY_KEY']],
  [['AWS_REGION', 'CONTAINER_NAME', 'CONTAINER_USER', 'CONTAINER_PASSWORD', 'REGISTER_URL']],
])('%j have nothing to do with it', (names) => {
  expect(tell(named(...names))).toEqual({ problems: [], notices: [] });
});

test('a whole triple, an ID to leave out and an empty variable are left alone', () => {
  const nothing = { problems: [], notices: [] };
  const weak = ['ACME_REGISTRY_SERVER', 'ACME_REGISTRY_USER', 'ACME_REGISTRY_PASSWORD'];
  expect(tell(named(...EXACT('ACME'), 'ACME_CONTAINER_REGISTRY_URL'))).toEqual(nothing);
  expect(tell(named(...EXACT('ACME'), ...weak))).toEqual(nothing);
  expect(tell(named(...weak), ['ACME'])).toEqual(nothing);
  expect(tell({ ...named(...weak), ACME_REGISTRY_USER: '' })).toEqual(nothing);
});

test('names of an env file are not taken for those of the environment', () => {
  const file = { name: '.env', file: '/w/.env', variables: named('ACME_REGISTRY_PASSWORD') };
  expect(tell(named('ACME_REGISTRY_SERVER', 'ACME_REGISTRY_USER'), [], [file]).notices).toEqual([]);
});

describe('the first look at a password', () => {
  test.each(ODD)('lets nothing pass that %s finds odd', (pattern) => {
    // fast-check knows no flag i.
    const any = fc.stringMatching(new RegExp(pattern.source, pattern.flags.replace('i', '')));
    const text = pattern.ignoreCase ? fc.mixedCase(any) : any;
    fc.assert(
      fc.property(text, (password) => {
        fc.pre(pattern.test(password));
        expect(mayBeOdd(password)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    'not-a-secret',
    'secret',
    'correct horse',
    'dckr_pat_x',
    'xYz',
    '*a',
    '{"a": 1}',
    '.a',
  ])('needs no second one for %j', (password) => {
    expect(mayBeOdd(password)).toBe(false);
  });
});
