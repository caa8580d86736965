/**
 * Says what keeps the commit of a tag from being released, and exits 1 if anything does: run by the
 * workflow `release`, in a checkout with all of main, with GitHub's variables.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { GITHUB_REF_NAME: tag, GITHUB_SHA: commit, GITHUB_REPOSITORY: repository } = process.env;

/** Stands where nobody has said yet where this repository is. */
const PLACEHOLDER = ['OWNER', 'REPOSITORY'].join('/');

const { version } = JSON.parse(readFileSync('devcontainer-feature.json', 'utf8'));

const problems = [
  ...checkTag(),
  ...checkMain(),
  ...checkRepository(),
  ...checkTexts(),
  ...checkChangelog(),
  ...checkNode(),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
if (problems.length === 0) console.log(`${tag}: to be released from ${repository}`);

function checkTag() {
  // Any other form would not get the four tags.
  if (!/^\d+\.\d+\.\d+$/.test(version)) return [`version ${version}: not three numbers`];
  return tag === `release/v${version}` ? [] : [`tag ${tag}: the manifest's version is ${version}`];
}

function checkMain() {
  const args = ['merge-base', '--is-ancestor', `${commit}`, 'origin/main'];
  return spawnSync('git', args).status === 0 ? [] : [`commit ${commit}: not on main`];
}

function checkRepository() {
  const said = JSON.parse(readFileSync('package.json', 'utf8')).repository;
  const meant = `github:${repository}`;
  return said === meant ? [] : [`package.json: repository is "${said}", and not "${meant}"`];
}

/** Nobody can use a line that names no place. */
function checkTexts() {
  const args = ['grep', '--fixed-strings', '--name-only', PLACEHOLDER, '--', '*.md'];
  // Status 1, with no output, is that there is none.
  const { stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((path) => path !== '')
    .map((path) => `${path}: has ${PLACEHOLDER}, and not ${repository}`);
}

function checkChangelog() {
  const heading = new RegExp(`^## ${version.replaceAll('.', '\\.')} - \\d{4}-\\d{2}-\\d{2}$`, 'm');
  return heading.test(readFileSync('CHANGELOG.md', 'utf8'))
    ? []
    : [`CHANGELOG.md: no "## ${version} - " with the day`];
}

/** An image without Node gets the pinned one, and keeps it until it is built again. */
function checkNode() {
  const path = 'features/registry-auth/node-runtime.txt';
  const [day] = /(?<=^# Looked .* )\d{4}-\d\d-\d\d$/m.exec(readFileSync(path, 'utf8')) ?? [];
  const days = Math.floor((Date.now() - Date.parse(day)) / 86_400_000);
  return days <= 45 ? [] : [`${path}: a newer Node was looked for ${days} days ago, not within 45`];
}
