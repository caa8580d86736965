import { type DockerConfig, findMember, type Section } from './docker-config.ts';
import type { JsonValue } from './json-text.ts';

/** One change: a new value, JSON text to put back as it was, or nothing to remove the key. */
export type Edit = {
  readonly section: Section;
  readonly key: string;
  readonly value: Value | undefined;
};
export type Value = { readonly json: unknown } | { readonly raw: string };

/**
 * A member of an object in its own words: white space before it, name with colon, value, white
 * space up to the comma or brace.
 */
type Member = { lead: string; name: string; key: string; value: string; tail: string };

type Style = { newline: string; indent: string; colon: string; isCompact: boolean };

/**
 * The text with the edits made, and not one byte beside them touched. As docker itself writes it:
 * `auths` is there whenever anything is written (oras-py needs it), and an empty `credHelpers`
 * goes.
 */
export function editConfig(config: DockerConfig, edits: readonly Edit[]): string {
  if (edits.length === 0) return config.text;
  const context: Context = {
    config,
    top: config.root ? membersOf(config.root, config.text) : [],
    style: findStyle(config),
  };
  for (const section of ['auths', 'credHelpers'] as const) {
    const ours = edits.filter((edit) => edit.section === section);
    if (ours.length > 0 || section === 'auths') editSection(section, ours, context);
  }
  return join(context);
}

type Context = { readonly config: DockerConfig; readonly top: Member[]; readonly style: Style };

function join({ config: { root, text }, top }: Context): string {
  const object = writeObject(top);
  return root ? text.slice(0, root.start) + object + text.slice(root.end) : object;
}

function editSection(section: Section, edits: readonly Edit[], context: Context): void {
  const { config, top, style } = context;
  const holder = top.find(({ key }) => key === section);
  if (holder && edits.length === 0) return;
  const object = config.root && findMember(config.root, section)?.value;
  const list = object ? membersOf(object, config.text) : [];
  const left = editMembers(list, edits, style);
  if (left.length > 0 || section === 'auths') {
    const index = new Map(top.map((member) => [member.key, member]));
    setMember(top, index, section, { value: writeObject(left), style, depth: 0 });
  } else if (holder) top.splice(0, top.length, ...removeMembers(top, new Set([holder])));
}

function editMembers(list: Member[], edits: readonly Edit[], style: Style): Member[] {
  const index = new Map(list.map((member) => [member.key, member]));
  const removed = new Set<Member>();
  for (const { key, value } of edits) {
    const member = index.get(key);
    if (value === undefined) {
      if (member) removed.add(member);
      continue;
    }
    setMember(list, index, key, { value: writeValue(value, style, 2), style });
    if (member) removed.delete(member);
  }
  return removeMembers(list, removed);
}

/** Adds in the manner of the last member, so that taking it away again leaves no trace. */
function setMember(
  list: Member[],
  index: Map<string, Member>,
  key: string,
  { value, style, depth = 1 }: { value: string; style: Style; depth?: number },
): void {
  const member = index.get(key);
  if (member) {
    member.value = value;
    return;
  }
  const last = list.at(-1);
  const added = {
    key,
    name: `${JSON.stringify(key)}:${style.colon}`,
    value,
    lead: last ? last.lead : breakLine(style, depth + 1),
    tail: last ? last.tail : breakLine(style, depth),
  };
  if (last) last.tail = '';
  list.push(added);
  index.set(key, added);
}

function removeMembers(list: readonly Member[], removed: ReadonlySet<Member>): Member[] {
  const left = list.filter((member) => !removed.has(member));
  const [first, last] = [left[0], left.at(-1)];
  if (first && last && removed.size > 0) {
    first.lead = list[0]?.lead ?? '';
    last.tail = list.at(-1)?.tail ?? '';
  }
  return left;
}

function membersOf({ start, end, members }: JsonValue, text: string): Member[] {
  let from = start + 1;
  return members.map(({ key, start: keyStart, value }, index) => {
    const isLast = index === members.length - 1;
    const comma = isLast ? end - 1 : text.indexOf(',', value.end);
    const member = {
      key,
      lead: text.slice(from, keyStart),
      name: text.slice(keyStart, value.start),
      value: text.slice(value.start, value.end),
      tail: text.slice(value.end, comma),
    };
    from = comma + 1;
    return member;
  });
}

function writeObject(list: readonly Member[]): string {
  return list.length === 0
    ? '{}'
    : `{${list.map(({ lead, name, value, tail }) => lead + name + value + tail).join(',')}}`;
}

function writeValue(value: Value, style: Style, depth: number): string {
  if ('raw' in value) return value.raw;
  if (style.isCompact || typeof value.json !== 'object') return JSON.stringify(value.json);
  return JSON.stringify(value.json, null, style.indent).replaceAll('\n', breakLine(style, depth));
}

function breakLine({ isCompact, newline, indent }: Style, depth: number): string {
  return isCompact ? '' : newline + indent.repeat(depth);
}

/**
 * The file's own manner: its line ends, the indent of its first indented member, the space after
 * its first colon; docker's where it has none.
 */
function findStyle({ text, root }: DockerConfig): Style {
  const isCompact = /\S/.test(text) && !/\n/.test(text.trim()) && !/^\s*\{\s*\}\s*$/.test(text);
  return {
    isCompact,
    newline: /\r\n/.test(text) ? '\r\n' : '\n',
    indent: (root && findIndent(root, text)) ?? '\t',
    colon: /":(\s*)\S/.exec(text)?.[1]?.replace(/[\r\n]/g, '') ?? ' ',
  };
}

/**
 * What one level of nesting takes. By the level, because the first member that is indented may be
 * one of ours: its whole indent, taken for one level, would grow with every edit.
 */
function findIndent({ members }: JsonValue, text: string, level = 1): string | undefined {
  for (const { start, value } of members) {
    let at = start;
    while (text[at - 1] === ' ' || text[at - 1] === '\t') at -= 1;
    const length = Math.ceil((start - at) / level);
    if (length > 0 && text[at - 1] === '\n') return text.slice(at, at + length);
    const inside = findIndent(value, text, level + 1);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
