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

test.each([
  ['24.5.0', [{ host: 'proxy.example', port: 3128 }], false],
  ['22.21.0', [{ host: 'proxy.example', port: 3128 }], false],
  ['25.0.0', [{ host: 'proxy.example', port: 3128 }], false],
  ['24.4.9', [], true],
  ['22.20.0', [], true],
  ['23.11.0', [], true],
  ['20.20.2', [], true],
])('Node %s uses the proxies %j', (version, used, areIgnored) => {
  const env = { HTTPS_PROXY: 'http://proxy.example:3128' };
  expect(findProxies(env, version)).toMatchObject({ used, areIgnored });
});

test.each([
  ['no proxy', {}, []],
  ['one without a port', { http_proxy: 'http://a.example' }, [{ host: 'a.example', port: 80 }]],
  ['one with TLS', { HTTPS_PROXY: 'https://a.example' }, [{ host: 'a.example', port: 443 }]],
  ['an empty one', { HTTPS_PROXY: '' }, []],
])('%s', (_, env, used) => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const expected = { used, areIgnored: false, unfit: undefined, env: given };
  expect(findProxies(env, '24.5.0')).toEqual(expected);
});

test.each([
  ['proxy.example:3128', { host: 'proxy.example', port: 3128 }],
  ['10.0.0.1:3128', { host: '10.0.0.1', port: 3128 }],
  ['bob:pw@proxy.example:3128', { host: 'proxy.example', port: 3128 }],
  ['proxy.example', { host: 'proxy.example', port: 80 }],
])('%s is an HTTP proxy, as for docker and curl', (HTTPS_PROXY, address) => {
  expect(findProxies({ HTTPS_PROXY }, '24.5.0')).toEqual({
    ...{ used: [address], areIgnored: false, unfit: undefined },
    env: { HTTPS_PROXY: `http://${HTTPS_PROXY}` },
  });
});

test.each([
  'a.example:3128x y',
  'socks5://proxy.example:1',
  'http://bob:pw#1@proxy.example:3128',
  'http://bob:p/w@proxy.example:3128',
  'http://bob:%zz@proxy.example:3128',
  'http://proxy.example:99999',
  'http://[::1',
  'http://',
])('%s is no URL of a proxy, and never reaches Node', (HTTPS_PROXY) => {
  const http_proxy = 'http://other.example:1';
  expect(findProxies({ HTTPS_PROXY, http_proxy, NO_PROXY: 'r.io' }, '24.5.0')).toEqual({
    used: [{ host: 'other.example', port: 1 }],
    areIgnored: false,
    unfit: 'HTTPS_PROXY',
    env: { http_proxy, NO_PROXY: 'r.io' },
  });
});
