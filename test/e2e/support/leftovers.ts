import { docker, runLabel } from './engine.ts';
import type { State } from './state.ts';

// The dev container CLI's name for the image that carries Features into a build without BuildKit.
const CONTENT_IMAGE = 'dev_container_feature_content_temp:latest';

/** Removes what the run left in the engine; one that was there before keeps everything else. */
export async function clearEngine(state: State): Promise<void> {
  if (!state.engine) return;
  const { isOurs } = state.engine;
  for (const filter of isOurs ? [[]] : containerFilters(state)) {
    await removeAll(state, ['rm', '-fv'], await list(state, ['ps', '-aq', ...filter]));
  }
  // Volumes and images of an engine of ours go with its folder, which is faster.
  if (isOurs) return;
  const volumes = await list(state, ['volume', 'ls', '-q', '--filter', `name=${state.run}`]);
  await removeAll(state, ['volume', 'rm'], volumes);
  await removeImages(state);
}

function containerFilters(state: State): string[][] {
  const labelled = ['--filter', `label=${runLabel(state)}`];
  // A build that fails leaves the container of its last step, which has no label.
  return state.images ? [labelled, ['--filter', `ancestor=${state.images.plain}`]] : [labelled];
}

async function removeImages(state: State): Promise<void> {
  // Before the run's own images, by whose age they are found.
  const unnamed = await findUnnamedImages(state);
  const hosts = [state.publicRegistry?.host, state.privateRegistry?.host];
  const isOurs = (name: string) =>
    name.includes(state.run) || hosts.some((host) => host && name.startsWith(`${host}/`));
  const names = await list(state, ['images', '--format', '{{.Repository}}:{{.Tag}}']);
  await removeAll(state, ['rmi', '-f'], [...names.filter(isOurs), ...unnamed]);
}

/** The stages of a dev container's build: the classic builder leaves them, without a name. */
async function findUnnamedImages(state: State): Promise<string[]> {
  if (!state.images) return [];
  const since = ['images', '--no-trunc', '--filter', `since=${state.images.plain}`];
  const dangling = await list(state, [...since, '-q', '--filter', 'dangling=true']);
  const named = await list(state, [...since, '--format', '{{.Repository}}:{{.Tag}}']);
  const ours: string[] = named.filter((name) => name === CONTENT_IMAGE);
  for (const id of dangling) {
    const steps = await docker(state, ['history', '--no-trunc', '--format', '{{.CreatedBy}}', id]);
    if (/\/tmp\/(build|dev-container)-features/.test(steps.stdout)) ours.push(id);
  }
  return ours;
}

async function list(state: State, args: readonly string[]): Promise<string[]> {
  return (await docker(state, args)).stdout.split('\n').filter(Boolean);
}

async function removeAll(state: State, command: string[], names: readonly string[]) {
  // One by one: a name that is gone already must not keep the others.
  for (const name of names) await docker(state, [...command, name]);
}
