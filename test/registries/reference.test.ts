import { describe, expect, test } from '@jest/globals';
import { parseAddress, parseReference } from '../../src/registries/reference.ts';

const SHA = `sha256:${'a1'.repeat(32)}`;

describe('an image reference is read as docker reads it:', () => {
  test.each([
    ['nginx', { host: 'docker.io', repository: 'library/nginx' }],
    ['nginx:1.27', { host: 'docker.io', repository: 'library/nginx', tag: '1.27' }],
    ['redis:7', { host: 'docker.io', repository: 'library/redis', tag: '7' }],
    ['ada/app', { host: 'docker.io', repository: 'ada/app' }],
    ['docker.io/nginx', { host: 'docker.io', repository: 'library/nginx' }],
    ['index.docker.io/ada/app', { host: 'docker.io', repository: 'ada/app' }],
    ['registry-1.docker.io/ada/app', { host: 'registry-1.docker.io', repository: 'ada/app' }],
    ['ghcr.io/org/app:v1', { host: 'ghcr.io', repository: 'org/app', tag: 'v1' }],
    ['localhost/app', { host: 'localhost', repository: 'app' }],
    ['localhost:5000/a/b', { host: 'localhost:5000', repository: 'a/b' }],
    ['registry:5000/app', { host: 'registry:5000', repository: 'app' }],
    ['[::1]:5000/app:x', { host: '[::1]:5000', repository: 'app', tag: 'x' }],
    ['REG/app', { host: 'REG', repository: 'app' }],
    ['a.io/b__c/d--e.f', { host: 'a.io', repository: 'b__c/d--e.f' }],
    [`a.io/b@${SHA}`, { host: 'a.io', repository: 'b', digest: SHA }],
    [`a.io/b:t@${SHA}`, { host: 'a.io', repository: 'b', tag: 't', digest: SHA }],
  ])('%s', (text, reference) => {
    expect(parseReference(text)).toEqual(reference);
  });

  test.each([
    ['a.io/App', 'has capital letters in the name of the repository'],
    ['Nginx', 'has capital letters in the name of the repository'],
    ['', 'has a path that an image name cannot have'],
    ['a.io/', 'has a path that an image name cannot have'],
    ['a.io/b//c', 'has a path that an image name cannot have'],
    ['a.io/b___c', 'has a path that an image name cannot have'],
    ['/app', 'has a path that an image name cannot have'],
    ['https://a.io/b', 'has a host that an image reference cannot contain'],
    ['-a.io/b', 'has a host that an image reference cannot contain'],
    ['[a/b', 'has a host that an image reference cannot contain'],
    ['a.io/b:', 'has an invalid tag'],
    ['a.io/b:-x', 'has an invalid tag'],
    [`a.io/b:${'t'.repeat(129)}`, 'has an invalid tag'],
    ['a.io/b@sha256:12', 'has an invalid digest'],
    [`a.io/b@${SHA}@${SHA}`, 'has an invalid digest'],
    ['ab'.repeat(32), 'is the ID of an image, which names no registry'],
    [`a.io/${'b'.repeat(251)}`, 'is too long'],
  ])('and refused: %s', (text, what) => {
    expect(parseReference(text)).toEqual({ what });
  });
});

test.each([
  ['ghcr.io', { host: 'ghcr.io' }],
  ['ghcr.io/', { host: 'ghcr.io' }],
  ['GHCR.io', { host: 'ghcr.io' }],
  ['localhost', { host: 'localhost' }],
  ['localhost:5000', { host: 'localhost:5000' }],
  ['a.io:5000', { host: 'a.io:5000' }],
  ['[::1]:5000', { host: '[::1]:5000' }],
  ['https://index.docker.io/v1/', { host: 'docker.io' }],
  ['https://a.io/v2/', { host: 'a.io' }],
  ['redis:7', { host: 'docker.io', repository: 'library/redis', tag: '7' }],
  ['node:20.1', { host: 'docker.io', repository: 'library/node', tag: '20.1' }],
  ['nginx', { host: 'docker.io', repository: 'library/nginx' }],
  ['a.io/b', { host: 'a.io', repository: 'b' }],
])('on the command line %s means', (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});
