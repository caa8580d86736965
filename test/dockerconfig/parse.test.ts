import { describe, expect, test } from '@jest/globals';
import { parseDockerConfig } from '../../src/dockerconfig/parse.ts';
import { Desk } from '../support/desk.ts';
import { configWith, entry } from '../support/triples.ts';

const A = { A: ['a.io', 'u', 'p'] } as const;

/** What is said of a text, without its line. */
function faultOf(text: string): string | undefined {
  return parseDockerConfig(text).fault?.what;
}

describe('a member that docker knows and that has a value of another type', () => {
  test.each([
    ['{"experimental":true}', '"experimental": "enabled"'],
    ['{"Experimental":1}', '"experimental": "enabled"'],
    ['{"features":{"buildkit":true}}', '"features": {"buildkit": "true"}'],
    ['{"features":["buildkit"]}', '"features": {"buildkit": "true"}'],
    [
      '{"proxies":{"httpProxy":"http://p"}}',
      '"proxies": {"default": {"httpProxy": "http://HOST:PORT"}}',
    ],
    [
      '{"proxies":{"default":{"noProxy":["a"]}}}',
      '"proxies": {"default": {"noProxy": "HOST,HOST"}}',
    ],
    ['{"proxies":{"default":{"NOPROXY":1}}}', '"proxies": {"default": {"noProxy": "HOST,HOST"}}'],
    ['{"proxies":[]}', '"proxies": {"default": {"httpProxy": "http://HOST:PORT"}}'],
    ['{"HttpHeaders":{"X":1}}', '"HttpHeaders": {"NAME": "TEXT"}'],
    ['{"httpheaders":"X: 1"}', '"HttpHeaders": {"NAME": "TEXT"}'],
    ['{"aliases":{"builder":["buildx"]}}', '"aliases": {"builder": "buildx"}'],
    ['{"psFormat":["a"]}', '"psFormat": "TEXT"'],
    ['{"serviceInspectFormat":{}}', '"serviceInspectFormat": "TEXT"'],
    ['{"detachKeys":false}', '"detachKeys": "ctrl-p,ctrl-q"'],
    ['{"currentContext":{}}', '"currentContext": "default"'],
    ['{"pruneFilters":"label=x"}', '"pruneFilters": ["label=NAME"]'],
    ['{"pruneFilters":[1]}', '"pruneFilters": ["label=NAME"]'],
    ['{"cliPluginsExtraDirs":"/x"}', '"cliPluginsExtraDirs": ["/FOLDER"]'],
    ['{"credsStore":false}', '"credsStore": "NAME"'],
    ['{"credHelpers":["gcloud"]}', '"credHelpers": {"HOST": "NAME"}'],
    ['{"plugins":{"compose":{"enabled":true}}}', '"plugins": {"NAME": {"NAME": "TEXT"}}'],
    ['{"plugins":{"compose":"x"}}', '"plugins": {"NAME": {"NAME": "TEXT"}}'],
    ['{"auths":[]}', '"auths": {"HOST": {"auth": "BASE64"}}'],
    ['{"auths":{"a.io":{"email":1}}}', '"auths": {"HOST": {"email": "TEXT"}}'],
    ['{"auths":{"a.io":"dTpw"}}', '"auths": {"HOST": {"auth": "BASE64"}}'],
  ])('is named, with its right form, and nothing is written: %s', (text, form) => {
    expect(faultOf(text)).toMatch(
      /^holds .* that is not an? (?:string|list of strings|object), so /,
    );
    expect(faultOf(text)).toContain(`; write ${form}`);
    const desk = new Desk(text);
    const { texts, problems } = desk.apply(A);
    expect([texts, problems.map(({ code }) => code)]).toEqual([{}, ['CONFIG_SHAPE']]);
  });

  test('is the one with its line', () => {
    const text = '{\n  "auths": {},\n  "experimental": false\n}';
    const { problems } = new Desk(text).apply(A);
    expect(problems[0]?.what).toContain('holds experimental that is not a string');
    expect(problems[0]?.what).toContain('(line 3, column 19)');
  });

  test('is said without a name of a registry, and without a value', () => {
    const said = [
      '{"auths":{"secret.io":1}}',
      '{"credHelpers":{"secret.io":1}}',
      '{"auths":{"a":{"auth":[31337]}}}',
    ];
    expect(said.map((text) => faultOf(text)).join()).not.toMatch(/secret|31337/);
  });

  test.each([
    '{"experimental":null,"features":null,"proxies":null,"pruneFilters":null,"psFormat":null}',
    '{"features":{"a":null},"proxies":{"default":null,"tcp://h":{"httpProxy":null}}}',
    '{"pruneFilters":[null],"aliases":{}}',
    '{"stackOrchestrator":1,"kubernetes":{"allNamespaces":true},"contexts":1,"debug":true}',
    '{"proxies":{"default":{"x":1}},"auths":{"a.io":{"auth":"dTpw","x":1}}}',
    '{"experimental":"disabled","cliPluginsExtraDirs":["/x"],"nodesFormat":""}',
  ])('is none where docker decodes it: %s', (text) => {
    expect(faultOf(text)).toBeUndefined();
  });
});

describe('names of members have no case', () => {
  test.each([
    ['{"credSstore":"osxkeychain"}', 'osxkeychain'],
    ['{"CredsStore":"a"}', 'a'],
    ['{"CREDSSTORE":"a"}', 'a'],
    ['{"cred\u017f\u017ftore":"a"}', 'a'],
    ['{"credsStore":"a","credSstore":"b"}', 'b'],
    ['{"credSstore":"b","credsStore":"a"}', 'a'],
    ['{"credSstore":"b","credsStore":null}', 'b'],
    ['{"credsStore":"b","credsstore":""}', undefined],
    ['{"creds_store":"b","credsStores":"c"}', undefined],
  ])('%s', (text, store) => {
    expect(faultOf(text)).toBeUndefined();
    expect(parseDockerConfig(text).credsStore).toBe(store);
  });

  test.each([
    ['{"Auths":{"r.io":{"Auth":"dTpw"}}}', 'u:p'],
    ['{"AUTHS":{"r.io":{"AUTH":"dTpw"}}}', 'u:p'],
    ['{"auths":{"r.io":{"Auth":"dTpx","auth":"dTpw"}}}', 'u:p'],
    ['{"auths":{"r.io":{"auth":"dTpx","Auth":"dTpw"}}}', 'u:p'],
    ['{"auths":{"r.io":{"auth":"dTpw","AUTH":null}}}', 'u:p'],
    ['{"auths":{"r.io":{"IdentityToken":"t"}}}', '<token>:t'],
  ])('in an entry either: %s', (text, login) => {
    const { user, secret } = parseDockerConfig(text).auths.get('r.io')?.credential ?? {};
    expect(`${user}:${secret}`).toBe(login);
  });

  test("and a key's case is its own", () => {
    expect([...parseDockerConfig('{"auths":{"R.io":{},"r.io":{}}}').auths.keys()]).toEqual([
      'R.io',
      'r.io',
    ]);
  });

  test.each([
    ['{"Auths":{"s.io":{}},"PLUGINS":{"scan":{"a":"b"}},"credhelpers":{"s.io":"gcloud"}}'],
    ['{\n\t"AUTHS": {\n\t\t"s.io": {}\n\t},\n\t"CredHelpers": {\n\t\t"s.io": "x"\n\t}\n}'],
    ['{"aUTHS": {}, "credsStore": "a"}'],
  ])('so what is there is edited under its own name, and is as it was in the end: %s', (text) => {
    const desk = new Desk(text);
    desk.apply(A, { mode: 'helper' });
    const names = [...`${desk.texts.config}`.matchAll(/"(auths|credhelpers)"/gi)];
    expect(names.map(([, name]) => name?.toLowerCase()).sort()).toEqual(['auths', 'credhelpers']);
    expect(parseDockerConfig(`${desk.texts.config}`).credHelpers.get('a.io')).toBe('registry-auth');
    expect(desk.apply(A, { mode: 'helper' }).texts).toEqual({});
    desk.logout();
    expect(desk.texts.config).toBe(text);
  });

  test.each([
    '{"auths":{},"Auths":{}}',
    '{"Auths":{"a":{}},"AUTHS":null}',
    '{"credHelpers":{},"credhelpers":{}}',
    '{"plugins":{},"x":1,"Plugins":{}}',
  ])('but what we edit may stand there once: %s', (text) => {
    expect(faultOf(text)).toBe('holds a key twice');
  });
});

describe('what is no JSON', () => {
  const ADA = configWith({ 'r.io': ['ada', 'x'] });
  test.each(['}', ' x', '\0', '\n{"auths":{}}', ' // mine', ',', '\n<<<<<<<'])(
    'but begins with some is read as docker reads it, and left alone: %j',
    (more) => {
      const config = parseDockerConfig(ADA + more);
      expect(config.auths.get('r.io')?.credential).toEqual({ user: 'ada', secret: 'x' });
      expect(config.fault).toMatchObject({ code: 'CONFIG_NOT_JSON', offset: expect.any(Number) });
      expect(config.fault?.what).toContain('after the end of its JSON');
      expect(new Desk(ADA + more).apply(A).texts).toEqual({});
    },
  );

  test.each(['\u00a0', '\v', '\u2028', ADA.slice(0, -1), `x${ADA}`, "{'auths':{}}"])(
    'from its beginning is not: %j',
    (text) => {
      const config = parseDockerConfig(text);
      expect([config.auths.size, config.fault?.what]).toEqual([0, 'is not valid JSON']);
    },
  );
});

test('null is an empty file, as for docker', () => {
  const desk = new Desk('null\n');
  desk.apply(A);
  expect(desk.others).toEqual({ auths: { 'a.io': entry('u', 'p') } });
});
