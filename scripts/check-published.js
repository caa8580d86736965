/**
 * Reads the answer of `devcontainer features publish` in the variable ANSWER, and prints, as outputs
 * of a workflow's step, what is published now: `name` and `digest`, and those of the standalone
 * Feature. Exits 1 where the answer lacks any of it: the CLI exits 0 when it has published nothing.
 */
import { readFileSync } from 'node:fs';

const { ANSWER: answer = '', GITHUB_REPOSITORY: repository, REGISTRY: registry } = process.env;
const { id, version } = JSON.parse(readFileSync('devcontainer-feature.json', 'utf8'));

const outputs = { '': id, standalone_: `${id}-standalone` };
const published = parse(answer);
const problems = Object.values(outputs).flatMap((one) => {
  const problem = problemOf(published[one]);
  return problem === undefined ? [] : [`${one} ${version}: ${problem}`];
});
if (problems.length === 0) {
  for (const [prefix, one] of Object.entries(outputs)) {
    // As the CLI has it: no name in a registry has capitals.
    console.log(`${prefix}name=${`${registry}/${repository}/${one}`.toLowerCase()}`);
    console.log(`${prefix}digest=${published[one].digest}`);
  }
} else {
  console.error([...problems, `answer: ${answer}`].join('\n'));
  process.exitCode = 1;
}

function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function problemOf(found) {
  if (found === undefined || found === null) return 'no answer about it';
  if (Object.keys(found).length === 0) return 'nothing published, as this version is there already';
  if (found.version !== version) return 'another version published';
  if (!/^sha256:[0-9a-f]{64}$/.test(found.digest)) return 'published without a digest';
  const lacking = expectedTags().filter((tag) => !found.publishedTags?.includes(tag));
  return lacking.length === 0 ? undefined : `published without the tags ${lacking.join(', ')}`;
}

/** 1, 1.2, 1.2.3 and latest. */
function expectedTags() {
  const numbers = version.split('.');
  return [...numbers.map((_, index) => numbers.slice(0, index + 1).join('.')), 'latest'];
}
