import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { PARSERS } from './parsers.ts';

/** `npm run fuzz -- [--seed N] [--only NAME] [--runs N]`: many cases for every parser. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    only: { type: 'string' },
    runs: { type: 'string', default: '10000' },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const chosen = PARSERS.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0 || !Number.isSafeInteger(runs) || !Number.isSafeInteger(seed)) {
  const names = PARSERS.map(({ name }) => `'${name}'`).join(', ');
  console.error(`usage: npm run fuzz -- [--seed N] [--runs N] [--only NAME]\nnames: ${names}`);
  process.exit(2);
}

console.log(`seed ${seed}, ${runs} cases for each parser`);
let failed = 0;
for (const parser of chosen) {
  const start = performance.now();
  try {
    const { cases, shapes, slowestMs } = await fuzz(parser, { seed, runs });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const most = `slowest case ${slowestMs.toFixed(0)} ms`;
    console.log(`ok  ${parser.name}: ${cases} cases, ${shapes} shapes, ${most}, ${seconds} s`);
  } catch (error) {
    failed += 1;
    console.log(`not ok  ${(error as Error).message}`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;
