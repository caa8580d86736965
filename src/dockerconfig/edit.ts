import type { Node } from 'jsonc-parser';
import { type DockerConfig, membersOf } from './parse.ts';

/** One change at the place that its path names: a new value, or none to remove the member. */
export type Edit = {
  readonly path: readonly string[];
  readonly value: Value | undefined;
  /** The member that a new one is put before, where that is there; else it comes last. */
  readonly before?: string | undefined;
};

/** A value to write, or JSON text to put back as it was. */
export type Value = { readonly json: unknown } | { readonly raw: string };

/**
 * A member of an object in its own words: white space before it, name with colon, value, white
 * space up to the comma or brace.
 */
type Member = { lead: string; name: string; key: string; value: string; tail: string };

type Style = { newline: string; indent: string; colon: string; isCompact: boolean };

type Context = { readonly config: DockerConfig; readonly style: Style };

/**
 * The text with the edits made, and not one byte beside them touched. As docker itself writes it:
 * `auths` is there whenever anything is written (oras-py needs it), and an object that the edits
 * empty goes.
 */
export function editConfig(config: DockerConfig, edits: readonly Edit[]): string {
  const { root, text } = config;
  if (edits.length === 0) return text;
  const object = writeObject(editMembers(root, edits, { config, style: findStyle(config) }, 0));
  return root
    ? text.slice(0, root.offset) + object + text.slice(root.offset + root.length)
    : object;
}

/** The members of an object after the edits, whose paths begin in it. */
function editMembers(
  object: Node | undefined,
  edits: readonly Edit[],
  context: Context,
  depth: number,
): Member[] {
  const { config, style } = context;
  const list = object ? readMembers(object, config.text) : [];
  const place = { list, index: new Map(list.map((member) => [member.key, member])), style, depth };
  const nodes = new Map(membersOf(object).map(({ key, value }) => [key, value]));
  if (depth === 0 && !nodes.has('auths')) setMember(place, 'auths', '{}');
  const removed = new Set<string>();
  for (const [key, inside] of groupByKey(edits, depth)) {
    const value = valueAfter(nodes.get(key), inside, context, depth + 1);
    const isKept = value !== undefined || (depth === 0 && key === 'auths');
    if (isKept) setMember(place, key, value ?? '{}', beforeOf(inside, depth + 1));
    else removed.add(key);
  }
  return removeMembers(list, removed);
}

function beforeOf([first]: readonly Edit[], depth: number): string | undefined {
  return first?.path.length === depth ? first.before : undefined;
}

/** The edits of each member, in the order in which the members are named first. */
function groupByKey(edits: readonly Edit[], depth: number): Map<string, Edit[]> {
  const groups = new Map<string, Edit[]>();
  for (const edit of edits) {
    const key = edit.path[depth] ?? '';
    const group = groups.get(key);
    if (group) group.push(edit);
    else groups.set(key, [edit]);
  }
  return groups;
}

/** Undefined where nothing is left of it. */
function valueAfter(
  node: Node | undefined,
  edits: readonly Edit[],
  context: Context,
  depth: number,
): string | undefined {
  const last = edits.at(-1);
  if (last?.path.length === depth)
    return last.value && writeValue(last.value, context.style, depth);
  const members = editMembers(node, edits, context, depth);
  return members.length > 0 ? writeObject(members) : undefined;
}

type Place = {
  readonly list: Member[];
  readonly index: Map<string, Member>;
  readonly style: Style;
  readonly depth: number;
};

/** Adds in the manner of its neighbour, so that taking it away again leaves no trace. */
function setMember(
  { list, index, style, depth }: Place,
  key: string,
  value: string,
  before?: string,
): void {
  const member = index.get(key);
  if (member) {
    member.value = value;
    return;
  }
  const next = before === undefined ? undefined : index.get(before);
  const last = next ? undefined : list.at(-1);
  const added = {
    key,
    name: `${JSON.stringify(key)}:${style.colon}`,
    value,
    lead: (next ?? last)?.lead ?? breakLine(style, depth + 1),
    tail: next ? '' : (last?.tail ?? breakLine(style, depth)),
  };
  if (last) last.tail = '';
  list.splice(next ? list.indexOf(next) : list.length, 0, added);
  index.set(key, added);
}

function removeMembers(list: readonly Member[], removed: ReadonlySet<string>): Member[] {
  const left = list.filter(({ key }) => !removed.has(key));
  const [first, last] = [left[0], left.at(-1)];
  if (first && last && left.length < list.length) {
    first.lead = list[0]?.lead ?? '';
    last.tail = list.at(-1)?.tail ?? '';
  }
  return left;
}

function readMembers(object: Node, text: string): Member[] {
  const members = membersOf(object);
  const end = object.offset + object.length - 1;
  let from = object.offset + 1;
  return members.map(({ key, name, value }, index) => {
    const valueEnd = value.offset + value.length;
    const comma = index === members.length - 1 ? end : text.indexOf(',', valueEnd);
    const member = {
      key,
      lead: text.slice(from, name.offset),
      name: text.slice(name.offset, value.offset),
      value: text.slice(value.offset, valueEnd),
      tail: text.slice(valueEnd, comma),
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
    indent: findIndent(root, text) ?? '\t',
    colon: /":(\s*)\S/.exec(text)?.[1]?.replace(/[\r\n]/g, '') ?? ' ',
  };
}

/** Docker's own settings are no deeper, and neither is what we write. */
const MAX_LEVEL = 4;

/**
 * What one level of nesting takes. By the level, because the first member that is indented may be
 * one of ours: its whole indent, taken for one level, would grow with every edit.
 */
function findIndent(object: Node | undefined, text: string, level = 1): string | undefined {
  if (level > MAX_LEVEL) return undefined;
  for (const { name, value } of membersOf(object)) {
    let at = name.offset;
    while (text[at - 1] === ' ' || text[at - 1] === '\t') at -= 1;
    const length = Math.ceil((name.offset - at) / level);
    if (length > 0 && text[at - 1] === '\n') return text.slice(at, at + length);
    const inside = findIndent(value, text, level + 1);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
