/**
 * Names every line over 100 columns in the files it is given, or else in all that git tracks, and
 * exits 1 if there is one. In TypeScript and JavaScript it reads lines with a comment only: code is
 * the formatter's business.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const LIMIT = 100;
const TRACKED = ['*.ts', '*.js', '*.sh', '*.md', '.ci/run', ':!test/fixtures'];

const given = process.argv.slice(2);
const found = (given.length > 0 ? given : trackedFiles()).flatMap(longLines);
for (const line of found) console.log(line);
process.exitCode = found.length > 0 ? 1 : 0;

function trackedFiles() {
  const list = execFileSync('git', ['ls-files', '-z', '--', ...TRACKED], { encoding: 'utf8' });
  // One that is deleted stays on the list until the deletion is staged.
  return list.split('\0').filter((path) => existsSync(path));
}

function longLines(path) {
  // A tab is two columns, as .editorconfig has it.
  const lines = readFileSync(path, 'utf8').replaceAll('\t', '  ').split('\n');
  return lines.flatMap((line, index) => {
    const columns = [...line].length;
    const isLong = columns > LIMIT && isProse(path, line) && !isUnbreakable(line);
    return isLong ? `${path}:${index + 1}: ${columns} columns` : [];
  });
}

function isProse(path, line) {
  if (path.endsWith('.md')) return !line.startsWith('|');
  return !/\.[jt]s$/.test(path) || /^\s*\*|(?:^|\s)\/[/*]/.test(line);
}

/** One word after the marks of a comment or a list, or a URL across the limit. */
function isUnbreakable(line) {
  const [across = ''] = /\S*$/.exec(line.slice(0, LIMIT)) ?? [];
  return /^\W*\S+$/.test(line) || /:\/\//.test(across + line.slice(LIMIT).split(/\s/)[0]);
}
