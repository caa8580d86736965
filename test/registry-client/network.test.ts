import { expect, test } from '@jest/globals';
import { explainRequestError, findProxies } from '../../src/registry-client/network.ts';

const PROXY = [{ host: 'proxy.example', port: 3128 }];

test.each([
  [{ code: 'ENOTFOUND', hostname: 'a.example' }, 'name-unknown', 'ENOTFOUND'],
  [{ code: 'ENOTFOUND', hostname: 'proxy.example' }, 'proxy-failed', 'ENOTFOUND'],
  [{ code: 'EAI_AGAIN' }, 'unreachable', 'EAI_AGAIN'],
  [{ code: 'ECONNREFUSED', port: 443 }, 'unreachable', 'ECONNREFUSED'],
  [{ code: 'ECONNREFUSED', port: 3128 }, 'proxy-failed', 'ECONNREFUSED'],
  [{ code: 'ERR_PROXY_TUNNEL', statusCode: 407 }, 'proxy-failed', 'ERR_PROXY_TUNNEL 407'],
  [{ code: 'ETIMEDOUT' }, 'timeout', 'ETIMEDOUT'],
  [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'tls-failed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [{ code: 'CERT_HAS_EXPIRED' }, 'tls-failed', 'CERT_HAS_EXPIRED'],
  [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'tls-failed', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [{ code: 'EPROTO' }, 'tls-failed', 'EPROTO'],
  [{ code: 'HPE_HEADER_OVERFLOW' }, 'not-a-registry', 'HPE_HEADER_OVERFLOW'],
  [{ errors: [{ code: 'EPROTO' }], code: 'ECONNREFUSED' }, 'tls-failed', 'EPROTO'],
  [{}, 'unreachable', ''],
  [{ code: 'EHOSTUNREACH' }, 'unreachable', 'EHOSTUNREACH'],
  [{ code: 'a text: with a secret' }, 'unreachable', ''],
])('%j is %s', (error, outcome, because) => {
  expect(explainRequestError(error, PROXY)).toEqual({ outcome, because });
});

const ADDRESS = { host: 'proxy.example', port: 3128 };

test.each([
  ['24.5.0', [ADDRESS], undefined],
  ['22.21.0', [ADDRESS], undefined],
  ['25.0.0', [ADDRESS], undefined],
  ['24.4.9', [], 'old-node'],
  ['22.20.0', [], 'old-node'],
  ['23.11.0', [], 'old-node'],
  ['20.20.2', [], 'old-node'],
])('Node %s uses the proxies %j', (version, used, why) => {
  const found = findProxies({ HTTPS_PROXY: 'http://proxy.example:3128' }, version);
  expect([found.used, found.whyIgnored('r.io')]).toEqual([used, why]);
});

test.each([
  ['no proxy', {}, []],
  ['one without a port', { http_proxy: 'http://a.example' }, [{ host: 'a.example', port: 80 }]],
  ['one with TLS', { HTTPS_PROXY: 'https://a.example' }, [{ host: 'a.example', port: 443 }]],
  ['one slash', { HTTPS_PROXY: 'http:/proxy.example:3128' }, [ADDRESS]],
])('%s', (_, env, used) => {
  const found = findProxies(env, '24.5.0');
  expect([found.used, found.env, found.whyIgnored('r.io')]).toEqual([used, env, undefined]);
});

test.each([
  ['proxy.example:3128', ADDRESS],
  ['10.0.0.1:3128', { host: '10.0.0.1', port: 3128 }],
  ['bob:pw@proxy.example:3128', ADDRESS],
  ['proxy.example', { host: 'proxy.example', port: 80 }],
  ['proxy:3128', { host: 'proxy', port: 3128 }],
])('%s is an HTTP proxy, as for docker and curl', (HTTPS_PROXY, address) => {
  const { used, env, whyIgnored } = findProxies({ HTTPS_PROXY }, '24.5.0');
  const url = `http://${HTTPS_PROXY}`;
  expect([used, env, whyIgnored('r.io')]).toEqual([[address], { HTTPS_PROXY: url }, undefined]);
});

test.each([
  'a.example:3128x y',
  'socks5://proxy.example:1',
  'http://bob:pw#1@proxy.example:3128',
  'http://bob:p/w@proxy.example:3128',
  'http://bob:%zz@proxy.example:3128',
  'http://proxy.example:99999',
  'http://[::1',
  '//proxy.example',
  'http://',
  'direct',
  'none',
])('%s is no address of a proxy, and never reaches Node', (HTTPS_PROXY) => {
  const http_proxy = 'http://other.example:1';
  const { used, env, whyIgnored } = findProxies(
    { HTTPS_PROXY, http_proxy, NO_PROXY: 'no.io' },
    '24.5.0',
  );
  expect(used).toEqual([{ host: 'other.example', port: 1 }]);
  expect(env).toEqual({ http_proxy, NO_PROXY: 'no.io' });
  expect(whyIgnored('r.io')).toBe('HTTPS_PROXY');
});

const BAD = 'socks5://proxy.example:1';
const FINE = 'http://proxy.example:1';

test.each([
  ['is named', 'r.io', { https_proxy: BAD }, 'https_proxy'],
  ['is not set', 'r.io', { HTTPS_PROXY: '' }, undefined],
  ['is beside one that is used', 'r.io', { HTTPS_PROXY: BAD, https_proxy: FINE }, undefined],
  ['is for other requests', 'r.io', { HTTPS_PROXY: FINE, HTTP_PROXY: BAD }, undefined],
  ['is not for this machine', 'localhost:5000', { HTTPS_PROXY: BAD }, undefined],
  ['is not for a host', 'r.io:5000', { HTTPS_PROXY: BAD, NO_PROXY: 'a.io, .r.io' }, undefined],
  ['is not for a domain', 'r.corp.io', { HTTPS_PROXY: BAD, no_proxy: '*.corp.io:443' }, undefined],
  ['is for no host', 'r.io', { HTTPS_PROXY: BAD, NO_PROXY: '*' }, undefined],
  ['is for another host', 'r.io', { HTTPS_PROXY: BAD, NO_PROXY: 'a.io,' }, 'HTTPS_PROXY'],
])('a proxy that cannot be used %s', (_, host, env, why) => {
  expect(findProxies(env, '24.5.0').whyIgnored(host)).toBe(why);
});
