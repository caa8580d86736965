import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findProvider } from '../../src/providers/find.ts';
import { loginName } from '../../src/registries/keys.ts';
import { judgeRealm } from '../../src/registry-client/scheme.ts';

const at = (host: string, isPlain = false) => {
  const { tokenHosts } = findProvider(loginName(host));
  return { host, isPlain, tokenHosts };
};
const isSafe = (realm: string, host: string, isPlain = false) =>
  judgeRealm(realm, at(host, isPlain)) instanceof URL;

describe('a credential may go to', () => {
  test.each([
    ['ghcr.io', 'https://ghcr.io/token'],
    ['ghcr.io', 'https://GHCR.io/token?x=y'],
    ['ghcr.io', 'HTTPS://ghcr.io:443/token'],
    ['ghcr.io:443', 'https://ghcr.io/token'],
    ['quay.io', 'https://quay.io/v2/auth'],
    ['mycompany.azurecr.io', 'https://mycompany.azurecr.io/oauth2/token'],
    ['public.ecr.aws', 'https://public.ecr.aws/token/'],
    ['gitlab.example.com:5050', 'https://gitlab.example.com/jwt/auth'],
    ['registry.example.com:8443', 'https://registry.example.com:8443/token'],
    ['10.1.2.3:5000', 'https://10.1.2.3:5001/token'],
    ['[fe80::1]:5000', 'https://[FE80:0::1]/token'],
    ['docker.io', 'https://auth.docker.io/token'],
    ['index.docker.io', 'https://auth.docker.io/token'],
    ['registry-1.docker.io', 'https://auth.docker.io/token'],
    ['registry.gitlab.com', 'https://gitlab.com/jwt/auth'],
    ['registry.digitalocean.com', 'https://api.digitalocean.com/v2/registry/auth'],
  ])('%s → %s', (host, realm) => {
    expect(isSafe(realm, host)).toBe(true);
  });

  test.each([
    ['localhost:5000', 'http://localhost:5000/token'],
    ['localhost:5000', 'http://localhost:5001/token'],
    ['127.0.0.1:5000', 'http://127.0.0.1:5001/token'],
    ['127.0.0.1:5000', 'http://0x7f.1:5001/token'],
    ['[::1]:5000', 'http://[0:0:0:0:0:0:0:1]/token'],
    ['localhost:5000', 'https://localhost:5001/token'],
  ])('%s → %s, where the registry itself has no TLS', (host, realm) => {
    expect(isSafe(realm, host, true)).toBe(true);
  });
});

describe('a credential never goes to', () => {
  const HOST = 'registry.example.com';
  test.each([
    ['another host', 'https://evil.example/token'],
    ['http', 'http://registry.example.com/token'],
    ['another scheme', 'ftp://registry.example.com/token'],
    ['a file', 'file:///etc/passwd'],
    ['a script', 'javascript:alert(1)'],
    ['a parent domain', 'https://example.com/token'],
    ['a child domain', 'https://a.registry.example.com/token'],
    ['a name that goes on', 'https://registry.example.com.evil.example/token'],
    ['a name that begins earlier', 'https://evilregistry.example.com/token'],
    ['a final dot', 'https://registry.example.com./token'],
    ['no dot', 'https://registryexample.com/token'],
    ['a dot more', 'https://registry..example.com/token'],
    ['a full-width dot', 'https://registry．example．com/token'],
    ['a look-alike letter', 'https://registry.exаmple.com/token'],
    ['a user', 'https://user@registry.example.com/token'],
    ['a user and a password', 'https://user:word@registry.example.com/token'],
    ['an empty user', 'https://@registry.example.com/token'],
    ['the host as a user', 'https://registry.example.com@evil.example/token'],
    ['the host as user and password', 'https://registry.example.com:443@evil.example/token'],
    ['a backslash', 'https://evil.example\\@registry.example.com/token'],
    ['a backslash as a slash', 'https:\\\\registry.example.com\\token'],
    ['a blank', 'https://registry.example.com /token'],
    ['a tab within', 'https://regis\ttry.example.com/token'],
    ['a line break within', 'https://registry.example.com\n.evil.example/token'],
    ['NUL', 'https://registry.example.com\0.evil.example/token'],
    ['a path alone', '/token'],
    ['no scheme', '//registry.example.com/token'],
    ['nothing', ''],
    ['the cloud metadata service', 'https://169.254.169.254/latest/meta-data'],
    ['the same, without dots', 'https://2852039166/token'],
    ['the same, in hexadecimal', 'https://0xa9.0xfe.0xa9.0xfe/token'],
    ['the same, in octal', 'https://0251.0376.0251.0376/token'],
    ['the same, in IPv6', 'https://[::ffff:169.254.169.254]/token'],
    ['the same, in short IPv6', 'https://[::ffff:a9fe:a9fe]/token'],
    ["the metadata service's IPv6", 'https://[fd00:ec2::254]/token'],
    ['a link-local address', 'https://[fe80::1]/token'],
    ['an address with a zone', 'https://[fe80::1%25eth0]/token'],
    ['a private address', 'https://192.168.0.1/token'],
    ['this machine', 'https://127.0.0.1/token'],
    ['this machine, short', 'https://127.1/token'],
    ['this machine, IPv6', 'https://[::1]/token'],
    ['every address', 'https://0.0.0.0/token'],
    ['this machine by name', 'https://localhost/token'],
    ["Docker Hub's token service", 'https://auth.docker.io/token'],
  ])('%s: %j', (_, realm) => {
    expect(isSafe(realm, HOST)).toBe(false);
  });

  test.each([
    ['docker.io', 'https://auth.docker.io./token'],
    ['docker.io', 'https://auth.docker.io:8443/token'],
    ['docker.io', 'http://auth.docker.io/token'],
    ['docker.io', 'https://gitlab.com/jwt/auth'],
    ['docker.io', 'https://auth-docker.io/token'],
    ['ghcr.io', 'https://auth.docker.io/token'],
    ['ghcr.io', 'https://api.digitalocean.com/v2/registry/auth'],
    ['registry.gitlab.com', 'https://auth.docker.io/token'],
    ['registry.gitlab.com', 'https://gitlab.com.evil.example/jwt/auth'],
    ['registry.gitlab.com.evil.example', 'https://gitlab.com/jwt/auth'],
    ['localhost:5000', 'http://localhost:5000/token'],
    ['10.1.2.3', 'https://10.1.2.4/token'],
  ])('another service than the one of %s: %s', (host, realm) => {
    expect(isSafe(realm, host)).toBe(false);
  });

  test.each([
    ['localhost:5000', 'http://registry.example.com/token'],
    ['localhost:5000', 'http://127.0.0.1:5000/token'],
    ['127.0.0.1:5000', 'http://127.0.0.2:5000/token'],
    ['127.0.0.1:5000', 'http://localhost:5000/token'],
    ['[::1]:5000', 'http://[::2]:5000/token'],
    ['[::1]:5000', 'http://[::ffff:127.0.0.1]:5000/token'],
    ['localhost:5000', 'http://localhost.:5000/token'],
    ['localhost:5000', 'http://user@localhost:5000/token'],
    ['registry.example.com', 'http://registry.example.com/token'],
    ['10.0.0.1', 'http://10.0.0.1/token'],
  ])('from %s without TLS to %s', (host, realm) => {
    expect(isSafe(realm, host, true)).toBe(false);
  });

  test('any host that is not its own, however the two are spelled', () => {
    const hosts = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6().map((v6) => `[${v6}]`),
    );
    const property = fc.property(hosts, fc.string(), (host, path) => {
      const realm = judgeRealm(`https://${host}/${path}`, at(HOST));
      if (realm instanceof URL) expect(realm.hostname).toBe(HOST);
    });
    fc.assert(property);
  });
});

test('says which host it is, and what is wrong with it', () => {
  expect(judgeRealm('https://evil.example/token?a=b', at('ghcr.io'))).toEqual({
    outcome: 'unsafe-realm',
    because: 'which is another host',
    host: 'evil.example',
  });
});
