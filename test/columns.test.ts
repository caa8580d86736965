import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { scratchHome } from './support/process.ts';
import { runNode } from './support/run.ts';

const SCRIPT = join(__dirname, '../scripts/columns.js');
const WORDS = 'word '.repeat(20);

function check(files: Record<string, string>) {
  return runNode(SCRIPT, Object.keys(files), { cwd: scratchHome(files) });
}

test('comments and prose over 100 columns are named by file, line and length', async () => {
  const finished = await check({
    'code.ts': `const one = 1;\n// ${WORDS}\nconst two = 2; // ${WORDS}\n`,
    'doc.js': `/** ${WORDS}*/\n/**\n * ${WORDS}\n */\n`,
    'prose.md': `# Title\n\n${WORDS}.\n\n\`\`\`sh\necho ${WORDS}\n\`\`\`\n`,
    'script.sh': `\techo ${WORDS}\n`,
  });
  expect(finished).toEqual({
    status: 1,
    stdout: [
      'code.ts:2: 103 columns',
      'code.ts:3: 118 columns',
      'doc.js:1: 106 columns',
      'doc.js:3: 103 columns',
      'prose.md:3: 101 columns',
      'prose.md:6: 105 columns',
      'script.sh:1: 107 columns',
      '',
    ].join('\n'),
    stderr: '',
  });
});

test('code, table rows, single words and URLs are left alone, and so are 100 columns', async () => {
  const url = `https://example.com/${'a'.repeat(80)}`;
  const finished = await check({
    'code.ts': `const text = '${WORDS}';\nconst page = '${url}';\n// ${'é'.repeat(97)}\n`,
    'prose.md': `| ${WORDS} |\n\n${WORDS}\n\n- ${'a'.repeat(100)}\n\nSee [it](${url}).\n`,
  });
  expect(finished).toEqual({ status: 0, stdout: '', stderr: '' });
});
