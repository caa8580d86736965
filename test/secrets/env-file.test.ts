import { describe, expect, test } from '@jest/globals';
import { parseEnvFile } from '../../src/secrets/env-file.ts';
import { CANARY } from '../support/secrets.ts';

const NAME = 'A_CONTAINER_REGISTRY_PASSWORD';
const SERVER = 'A_CONTAINER_REGISTRY_SERVER=r.example.com\n';
const read = (text: string) => parseEnvFile(text, 'x.env');
const readValue = (text: string) => read(`${NAME}=${text}\nLAST=1\n`);

describe('a value without a word:', () => {
  test.each([
    ['pa#ss', 'pa#ss'],
    ['#pass', '#pass'],
    ['pass#', 'pass#'],
    ['a#b#c', 'a#b#c'],
    ['"pa#ss" # ours', 'pa#ss'],
    ["'pa #ss'", 'pa #ss'],
    ['abc==', 'abc=='],
    ['tok;', 'tok;'],
    [' tok  ', 'tok'],
    ['tok\r', 'tok'],
    ["'pa$HOME'", 'pa$HOME'],
    ["'$(cat token)'", '$(cat token)'],
    ["'a\\b'", 'a\\b'],
    ["'pa'ss'", "pa'ss"],
    ['"line1\\nline2"', 'line1\nline2'],
    ['\'{\n  "a": 1\n}\'', '{\n  "a": 1\n}'],
    ['$oauthtoken', '$oauthtoken'],
    ['robot$ci', 'robot$ci'],
    ['', ''],
  ])('%j', (text, value) => {
    const { variables, problems, notices } = readValue(text);
    expect([variables[NAME], variables.LAST, problems, notices]).toEqual([value, '1', [], []]);
  });
});

describe('a value that others read in another way is said:', () => {
  test.each([
    ['pass #word', 'pass', /^ends before a #, /],
    ['pass\t# comment', 'pass', /^ends before a #, /],
    ['"abc', '"abc', /^begins with a quote /],
    ["'abc", "'abc", /^begins with a quote /],
    ['"abc"#def', '"abc"#def', /^begins with a quote /],
    ['`cat token`', 'cat token', /^is in backticks/],
    ['$TOKEN', '$TOKEN', /^has a \$ /],
    ['$token', '$token', /^has a \$ /],
    [`\${TOKEN}`, `\${TOKEN}`, /^has a \$ /],
    ['"pa$HOME"', 'pa$HOME', /^has a \$ /],
    ['pa$$word', 'pa$$word', /^has a \$ /],
    ['$(cat token)', '$(cat token)', /^has a \$ /],
    ['x`id`', 'x`id`', /^has a \$ /],
    ['"DOM\\\\pw"', 'DOM\\\\pw', /^has a backslash /],
    ['"pa\\"ss"', 'pa\\"ss', /^has a backslash /],
    [`one\n${NAME}=two`, 'two', /^is set more than once; the last one is used/],
  ])('%j', (text, value, what) => {
    const { variables, problems, notices } = readValue(text);
    expect([variables[NAME], variables.LAST, problems]).toEqual([value, '1', []]);
    expect(notices).toEqual([
      {
        code: 'ENV_FILE_VALUE',
        subject: `${NAME} in x.env`,
        what: expect.stringMatching(what),
        fix: expect.stringMatching(/^[a-z]/),
      },
    ]);
  });

  test('but not of variables of others, nor of a name that has one value twice', () => {
    const { notices } = read(`A=$B\nC="\\d"\nD=1\nD=2\n${NAME}=x\n${NAME}="x"\n`);
    expect(notices).toEqual([]);
  });
});

describe('what is no env file is named:', () => {
  const json = `{"${NAME}":"${CANARY}"}`;
  test.each([
    [json, 'is JSON'],
    [JSON.stringify({ [NAME]: CANARY }, null, 2), 'is JSON'],
    [`[{"name":"${NAME}","value":"${CANARY}"}]`, 'is JSON'],
    ['{"server":"r.example.com"}', 'is JSON'],
    [`<env><${NAME}>${CANARY}</${NAME}></env>`, 'is XML'],
    [`env:\n  - name: ${NAME}\n    value: ${CANARY}\n`, 'is YAML'],
    [`environment:\n  - ${NAME}=${CANARY}\n`, 'is YAML'],
    [`---\nacme:\n  password: ${CANARY}\n`, 'is YAML'],
    [`$env:${NAME}="${CANARY}"\n`, 'is PowerShell'],
    [`\${env:${NAME}} = "${CANARY}"\r\n`, 'is PowerShell'],
    [`[Environment]::SetEnvironmentVariable("${NAME}", "${CANARY}")`, 'is PowerShell'],
    [`set -gx ${NAME} ${CANARY}\n`, 'is written for fish'],
    [`set -x ${NAME} '${CANARY}'\n`, 'is written for fish'],
    [`setenv ${NAME} ${CANARY}\n`, 'is written for csh'],
    [`set ${NAME}=${CANARY}\r\n`, 'is written for cmd'],
    [`setx ${NAME} ${CANARY}\r\n`, 'is written for cmd'],
    [`declare -x ${NAME}="${CANARY}"\n`, 'is a script'],
    [`FROM scratch\nENV ${NAME} ${CANARY}\n`, 'is a Dockerfile'],
    [`[acme]\nserver = r.example.com\npassword = ${CANARY}\n`, 'is INI'],
    [[...`${NAME}=${CANARY}`].join('\0'), 'is UTF-16 text'],
    [CANARY, 'is something else'],
  ])('%j', (text, what) => {
    const { problems, notices, variables } = read(text);
    expect([problems, notices]).toEqual([
      [
        {
          code: 'ENV_FILE_FORM',
          subject: 'x.env',
          what: `${what}, not NAME=value lines`,
          fix: expect.not.stringContaining(CANARY),
        },
      ],
      [],
    ]);
    expect(Object.keys(variables)).not.toContain(NAME);
  });

  test.each([
    [`export ${SERVER.trim()} ${NAME}=${CANARY}`, 1],
    [`${SERVER}# ${NAME}\n-e ${NAME}=${CANARY}\n`, 3],
    [`${SERVER}${NAME} ${CANARY}\n`, 2],
    [`${SERVER}A_CONTAINER_REGISTRY_USER="me\n${NAME}=tok"\n`, 2],
    [`${SERVER}A_CONTAINER_REGISTRY_USER="me\\n${NAME}=tok"\n`, 2],
    [`${SERVER}A=1; ${NAME}=${CANARY}\n`, 2],
    [`A=see ${NAME}\n`, undefined],
  ])('or its line: %j', (text, line) => {
    const { problems } = read(text);
    expect(problems.map(({ what }) => what)).toEqual(
      line ? [`line ${line} is not NAME=value, and is ignored`] : [],
    );
  });

  test.each([
    '',
    '\n\n',
    '# only a comment\n',
    'A=1\n',
    'A: 1\nB=2\n',
    `\ufeff${SERVER}`,
    `[x]\n${SERVER}`,
  ])('but not %j', (text) => {
    expect(read(text)).toMatchObject({ problems: [], notices: [] });
  });

  // A line begins after these for a pattern, and each was searched to the end of the file.
  test.each(['2028', '2029'])('in good time: 64 KiB of brackets with U+%s', (code) => {
    const text = `[[${String.fromCodePoint(Number.parseInt(code, 16))}`.repeat(20_000);
    const before = process.cpuUsage();
    read(`A='${text}`);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500);
  });
});
