import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colours a text on a terminal, unless the reader has NO_COLOR set. */
function paint(style: Style, text: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text;
}

export function printTitle(text: string): void {
  console.log(paint('bold', text));
}

export function printStep(number: number, text: string): void {
  console.log(`\n${paint(['bold', 'cyan'], `${number}. ${text}`)}`);
}

export function printLine(text: string): void {
  console.log(`   ${text}`);
}

export function printSuccess(text: string): void {
  console.log(`   ${paint('green', 'ok')} ${text}`);
}

export function printFailure(text: string): void {
  console.error(`\n${paint(['bold', 'red'], 'demo failed:')} ${text}`);
}

/** Shows a config file, its secrets masked; lines that an earlier version lacks carry a "+". */
export function printConfig(text: string, before = text): void {
  const old = maskAuths(before).split('\n').map(withoutComma);
  for (const line of maskAuths(text).trimEnd().split('\n')) {
    const isOld = old[0] === withoutComma(line);
    if (isOld) old.shift();
    console.log(isOld ? `     ${line}` : paint('green', `   + ${line}`));
  }
}

/** Whether the second text has each line of the first, in order; a comma may have joined it. */
export function hasEveryLine(before: string, after: string): boolean {
  const wanted = before.split('\n').map(withoutComma);
  for (const line of after.split('\n')) if (wanted[0] === withoutComma(line)) wanted.shift();
  return wanted.length === 0;
}

const withoutComma = (line: string) => line.replace(/,\s*$/, '');

/** Writes what an `auth` value is made of in place of the value: `base64(ada:****)`. */
function maskAuths(text: string): string {
  return text.replace(/(?<="auth":\s*")[^"]*/g, (auth) => {
    const [user] = Buffer.from(auth, 'base64').toString().split(':');
    return `base64(${user}:****)`;
  });
}
