/**
 * Reads what `devcontainer features publish` answered, in the variable ANSWER, and says, as outputs
 * of a workflow's step, what is published now: `name` and `digest`. Exits 1 where the answer lacks
 * any of it: the CLI is content when it has published nothing.
 */
import { readFileSync } from 'node:fs';

const { ANSWER: answer = '', GITHUB_REPOSITORY: repository, REGISTRY: registry } = process.env;
const { id, version } = JSON.parse(readFileSync('devcontainer-feature.json', 'utf8'));

const published = parse(answer);
const problem = problemOf(published);
if (problem === undefined) {
  // As the CLI has it: no name in a registry has capitals.
  console.log(`name=${`${registry}/${repository}/${id}`.toLowerCase()}`);
  console.log(`digest=${published.digest}`);
} else {
  console.error(`${id} ${version}: ${problem}\nanswer: ${answer}`);
  process.exitCode = 1;
}

function parse(text) {
  try {
    return JSON.parse(text)?.[id];
  } catch {
    return undefined;
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
