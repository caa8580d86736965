import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { testWith } from './needs.ts';
import { scratchHome } from './process.ts';
import { runNode, runOrThrow, whyNot } from './run.ts';
import { startTokenRegistry, type TokenRegistry } from './token-registry.ts';
import { sha256 } from './token-registry-content.ts';
import { configWith } from './triples.ts';

// Programs of others, on a machine that may be busy.
jest.setTimeout(30_000);

/** The registry of the tests must be one to clients that this project did not write. */
const DEVCONTAINER = join('node_modules', '@devcontainers', 'cli', 'devcontainer.js');

let registry: TokenRegistry;
beforeAll(async () => {
  registry = await startTokenRegistry({ users: { bob: 'other' } });
});
afterAll(() => registry.close());

test('devcontainer publishes a Feature and reads it', async () => {
  const home = scratchHome({
    'feature/devcontainer-feature.json': '{"id":"hello","version":"1.2.3","name":"Hello"}',
    'feature/install.sh': 'true\n',
  });
  const env = { DEVCONTAINERS_OCI_AUTH: `${registry.host}|bob|other` };
  const publish = ['features', 'publish', '-r', registry.host, '-n', 'team', join(home, 'feature')];
  expect(await runNode(DEVCONTAINER, publish, { home, env })).toMatchObject({ status: 0 });
  const read = ['features', 'info', 'tags', `${registry.host}/team/hello`];
  const { stdout } = await runNode(DEVCONTAINER, [...read, '--output-format', 'json'], {
    home,
    env,
  });
  const { publishedTags } = JSON.parse(stdout);
  expect(publishedTags.sort()).toEqual(['1', '1.2', '1.2.3', 'latest']);
});

const SKOPEO = { missing: whyNot('skopeo', ['--version']) };

testWith([SKOPEO], 'skopeo inspects and copies with a login only', async () => {
  const home = scratchHome({
    'login.json': configWith({ [registry.host]: ['bob', 'other'] }),
    'none.json': '{"auths":{}}',
    'policy.json': '{"default":[{"type":"insecureAcceptAnything"}]}',
  });
  const image = `docker://${registry.host}/team/image:1`;
  const copy = `docker://${registry.host}/team/copy:2`;
  registry.publish('team/image', '1', IMAGE);
  const inspect = (reference: string, file: string) =>
    runSkopeo(home, ['inspect', '--tls-verify=false', '--authfile', join(home, file), reference]);

  expect(await inspect(image, 'login.json')).toContain(`"Name": "${registry.host}/team/image"`);
  await expect(inspect(image, 'none.json')).rejects.toThrow('unauthorized');
  const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
  const files = ['--policy', join(home, 'policy.json'), '--authfile', join(home, 'login.json')];
  await runSkopeo(home, ['copy', ...insecure, ...files, image, copy]);
  expect(await inspect(copy, 'login.json')).toContain(`"Name": "${registry.host}/team/copy"`);
});

async function runSkopeo(home: string, args: string[]): Promise<string> {
  return (await runOrThrow('skopeo', args, { home })).stdout;
}

const LAYER = 'hello';
const IMAGE = {
  config: {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    content: JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [sha256(Buffer.from(LAYER))] },
    }),
  },
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', content: LAYER }],
};
