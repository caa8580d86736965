import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { checkDockerConfig } from '../../src/io/place/docker-config.ts';

const home = mkdtempSync(join(tmpdir(), 'registry-auth-docker-config-'));
const docker = join(home, '.docker');
mkdirSync(join(home, '$odd'));
mkdirSync(docker);
mkdirSync(join(home, 'config.json'));
writeFileSync(join(docker, 'config.json'), '{}');
writeFileSync(join(home, 'docker.cfg'), '{}');
symlinkSync(join(home, 'docker.cfg'), join(home, 'linked'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const FILE = 'names a file, not the directory that it is in';
const EXPANDED = 'has ~ or a variable in it, which docker does not expand';
const AROUND = 'has quotes or white space around the path';
const RELATIVE = 'is a relative path, which leads elsewhere from each directory';
const CONTENT = 'holds a configuration, not the directory of one';

describe('DOCKER_CONFIG is refused, with the right value, where it is', () => {
  test.each([
    [`${docker}/config.json`, FILE, docker],
    [`${docker}/config.json/`, FILE, docker],
    [`${docker}/config.json/config.json`, FILE, docker],
    ['/not/there/config.json', FILE, '/not/there'],
    [`${home}/docker.cfg`, FILE, docker],
    [`${home}/linked`, FILE, docker],
    ['/dev/null', FILE, docker],
    ['~', EXPANDED, home],
    ['~/.docker', EXPANDED, docker],
    ['~/.docker/config.json', EXPANDED, docker],
    ['~ada/.docker', EXPANDED, docker],
    ['$HOME/.docker', EXPANDED, docker],
    [`\${HOME}/.docker/`, EXPANDED, docker],
    [`\${containerEnv:HOME}/cfg`, EXPANDED, `${home}/cfg`],
    [`\${localEnv:HOME}/.docker/config.json`, EXPANDED, docker],
    [`\${localWorkspaceFolder}/.docker`, EXPANDED, docker],
    ['/home/$USER/.docker', EXPANDED, docker],
    ['$(pwd)/.docker', EXPANDED, docker],
    [`"${docker}"`, AROUND, docker],
    [`'~/.docker'`, AROUND, docker],
    [`${docker}\r`, AROUND, docker],
    [` ${docker}`, AROUND, docker],
    ['.docker', RELATIVE, docker],
    ['./cfg', RELATIVE, docker],
    ['..', RELATIVE, docker],
    ['config.json', RELATIVE, docker],
    ['C:\\Users\\ada\\.docker', RELATIVE, docker],
    ['{"auths":{"r.io":{"auth":"Y2FuYXJ5"}}}', CONTENT, docker],
  ])('%j', (value, what, directory) => {
    expect(checkDockerConfig(value, home)).toEqual({
      code: 'DOCKER_CONFIG_INVALID',
      subject: 'DOCKER_CONFIG',
      what,
      fix: `set it to ${directory}`,
    });
  });
});

test.each([
  docker,
  `${docker}/`,
  '/',
  '/not/there',
  join(home, 'config.json'),
  join(home, '$odd'),
  '/with space/docker',
])('DOCKER_CONFIG may be %j', (value) => {
  expect(checkDockerConfig(value, home)).toBeUndefined();
});
