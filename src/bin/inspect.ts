import { type ExportWords, exportLogins, renderExport } from '../commands/export.ts';
import { findStatus, findWordStatus } from '../commands/status.ts';
import { findOrigins, type OptionsFile } from '../feature/options.ts';
import { hasVsCode, readMachine } from '../io/clients.ts';
import { findRequired, renderRequired, renderStatus, toStatusDocument } from '../report/status.ts';
import { type Paint, type Program, type Report, renderMisuse, reportOf } from '../report/text.ts';
import type { World } from '../world.ts';
import type { Query } from './command-line.ts';

export { logout, prune } from '../commands/remove.ts';

/** A bundle of its own: hooks and pulls need none of these commands. */

export function runStatus(
  world: World,
  { words: [word], require: ids }: Query,
  paint: Paint,
  optionsFile: OptionsFile,
): Report {
  const machine = readMachine(world.environment.variables, world.uid);
  const status =
    word === undefined ? findStatus(world, machine) : findWordStatus(world, machine, word);
  if ('code' in status) return renderMisuse(status, paint);
  const required = ids && findRequired(ids, status);
  const document = () => ({
    ...toStatusDocument(status),
    host: hostOf(world),
    options: findOrigins(optionsFile.text),
    required,
  });
  return { ...(required ? renderRequired(required) : renderStatus(status, paint)), document };
}

function hostOf({ mode, isCodespace, environment }: World): string {
  if (mode.isPrebuild) return 'prebuild';
  if (isCodespace) return 'codespace';
  return hasVsCode(environment.variables) ? 'vscode' : 'other';
}

export function runVersion({ path, text }: OptionsFile, product: Program): Report {
  const options = findOrigins(text);
  const rows = Object.entries(options).map(([name, { value, from }]) => {
    const shown = Array.isArray(value) ? value.join(',') || '-' : String(value);
    return `  ${name.padEnd(11)}  ${shown}${from === 'default' ? ' (default)' : ''}\n`;
  });
  const { version, node } = product;
  const origin = text === undefined ? 'the defaults, because there is no options.json' : path;
  const stdout = `registry-auth ${version}\nNode ${node}\noptions from ${origin}\n${rows.join('')}`;
  const document = () => ({ options, problems: [], notices: [] });
  return { stdout, stderr: '', status: 0, document };
}

/** Only the file or manifest on stdout: a program reads it. */
export async function runExport(world: World, words: ExportWords, paint: Paint): Promise<Report> {
  const { config, ...messages } = await exportLogins(world, words);
  const text = config ? renderExport(words, config) : '';
  const isSecret = words.format === 'kubernetes';
  const exported = isSecret ? { manifest: text || null } : { dockerConfig: config ?? null };
  return reportOf(text, messages, paint, () => ({ ...exported, ...messages }));
}
