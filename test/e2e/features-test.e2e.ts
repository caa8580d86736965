import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runNode } from '../support/run.ts';
import { importMinimalImage } from './support/base-image.ts';
import { devcontainer } from './support/devcontainer-cli.ts';
import { startNodeMirror } from './support/node-mirror.ts';
import { leaveOutSoftDependencies } from './support/published.ts';
import { readyState } from './support/state.ts';

const SCENARIOS = JSON.parse(readFileSync('test/feature/scenarios.json', 'utf8'));

const state = readyState();
const { host, user, password, image } = state.privateRegistry;

test("the dev container CLI's own tests of a Feature pass", async () => {
  const mirror = await startNodeMirror(state);
  const collection = join(state.dir, 'features-test');
  const values = {
    NODE_IMAGE: state.images.node,
    NODE_USER: 'dev',
    BARE_IMAGE: await importMinimalImage(state, 'trixie'),
    BARE_USER: 'dev',
    NODE_MIRROR: mirror.url,
    DOCKER_SOCKET: state.engine.socket,
    REGISTRY: host,
    REGISTRY_USER: user,
    REGISTRY_PASSWORD: password,
    REGISTRY_IMAGE: image,
  };
  const words = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  const staged = await runNode('scripts/stage-collection.js', [collection, ...words]);
  const feature = join(collection, 'src', 'registry-auth');
  mirror.pin(feature);
  leaveOutSoftDependencies(join(feature, 'devcontainer-feature.json'));
  const finished = await devcontainer(state, [
    ...['features', 'test', '--project-folder', collection],
    ...['--base-image', state.images.node, '--features', 'registry-auth'],
  ]);
  await mirror.close();
  expect(staged).toMatchObject({ status: 0 });
  const [, report = finished.stdout] = finished.stdout.split('TEST REPORT');
  expect({ status: finished.status, report }).toEqual({
    status: 0,
    report: expect.not.stringContaining('Failed'),
  });
  expect(report.match(/Passed:/g)).toHaveLength(Object.keys(SCENARIOS).length + 2);
});
