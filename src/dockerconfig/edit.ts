import type { Node } from 'jsonc-parser';
import type { DockerConfig } from './parse.ts';
import { endOf, nodesOf } from './tree.ts';

/** One change at the place that its path names: a new value, or none to remove the member. */
export type Edit = {
  readonly path: readonly string[];
  /** A value to write, or JSON text to put back as it was. */
  readonly value: { readonly json: unknown } | { readonly raw: string } | undefined;
  /** The member that a new one is put before, where that is there; else it comes last. */
  readonly before?: string | undefined;
};

/** A member of an object in its own words, with the white space between it and the commas. */
type TextMember = {
  readonly key: string;
  readonly lead: string;
  /** With the colon. */
  readonly name: string;
  /** Undefined where the member goes. */
  value: string | undefined;
  readonly tail: string;
  readonly node?: Node;
};

/** Line end and indent are nothing in a file of one line. */
type Style = { readonly newline: string; readonly indent: string; readonly colon: string };

type Original = { readonly text: string; readonly style: Style };

/**
 * The text with the edits made, and not one byte beside them touched. As docker itself writes it:
 * `auths` is there whenever anything is written (oras-py needs it), and an object that the edits
 * empty goes.
 */
export function editConfig(config: DockerConfig, edits: readonly Edit[]): string {
  if (edits.length === 0) return config.text;
  const { text } = config;
  const root = config.root();
  const object = editObject(root, edits, { text, style: findStyle(text, root) }, 0) ?? '';
  return root ? text.slice(0, root.offset) + object + text.slice(endOf(root)) : object;
}

/** An object after the edits, whose paths go on in it; undefined where nothing is left of it. */
function editObject(
  object: Node | undefined,
  edits: readonly Edit[],
  original: Original,
  depth: number,
): string | undefined {
  const { text, style } = original;
  const members = readMembers(object, text);
  const last = members.at(-1)?.node;
  const open = members[0]?.lead ?? breakLine(style, depth + 1);
  const close =
    object && last ? text.slice(endOf(last), endOf(object) - 1) : breakLine(style, depth);
  const index = new Map(members.map((member) => [member.key, member]));
  const add = (key: string, value: string, before: string | undefined) => {
    const next = index.get(before ?? key);
    // In the manner of its neighbour, so that taking it away again leaves no trace.
    const lead = (next ?? members.at(-1))?.lead ?? open;
    const added = { key, lead, name: `${JSON.stringify(key)}:${style.colon}`, value, tail: '' };
    members.splice(next ? members.indexOf(next) : members.length, 0, added);
    index.set(key, added);
  };
  for (const [key, inside] of groupByKey(edits, depth)) {
    const member = index.get(key);
    const isKept = depth === 0 && key === 'auths';
    const value = valueAfter(member, inside, original, depth + 1) ?? (isKept ? '{}' : undefined);
    if (member) member.value = value;
    else if (value !== undefined) add(key, value, wholeOf(inside, depth + 1)?.before);
  }
  return writeObject(members, open, close);
}

function valueAfter(
  member: TextMember | undefined,
  edits: readonly Edit[],
  original: Original,
  depth: number,
): string | undefined {
  const whole = wholeOf(edits, depth);
  if (whole) return whole.value && writeValue(whole.value, original.style, depth);
  return edits.length > 0 ? editObject(member?.node, edits, original, depth) : member?.value;
}

/** The last edit of a member itself, not of what is in it. */
function wholeOf(edits: readonly Edit[], depth: number): Edit | undefined {
  return edits.findLast(({ path }) => path.length === depth);
}

/** The edits of each member, in the order in which these are named; of `auths` in any case. */
function groupByKey(edits: readonly Edit[], depth: number): Map<string, Edit[]> {
  const groups = new Map<string, Edit[]>(depth === 0 ? [['auths', []]] : []);
  for (const edit of edits) {
    const key = edit.path[depth] ?? '';
    const group = groups.get(key);
    if (group) group.push(edit);
    else groups.set(key, [edit]);
  }
  return groups;
}

function readMembers(object: Node | undefined, text: string): TextMember[] {
  let from = (object?.offset ?? 0) + 1;
  return nodesOf(object).map(({ key, name, value: node }, index, all) => {
    const end = endOf(node);
    const comma = index === all.length - 1 ? end : text.indexOf(',', end);
    const lead = text.slice(from, name.offset);
    from = comma + 1;
    const [title, value] = [text.slice(name.offset, node.offset), text.slice(node.offset, end)];
    return { key, lead, name: title, value, tail: text.slice(end, comma), node };
  });
}

function writeObject(
  members: readonly TextMember[],
  open: string,
  close: string,
): string | undefined {
  const left = members.filter(({ value }) => value !== undefined);
  const texts = left.map(({ lead, name, value, tail }, index) => {
    const before = index === 0 ? open : lead;
    return before + name + value + (index === left.length - 1 ? close : tail);
  });
  return left.length === 0 ? undefined : `{${texts.join(',')}}`;
}

function writeValue(value: NonNullable<Edit['value']>, style: Style, depth: number): string {
  if ('raw' in value) return value.raw;
  return JSON.stringify(value.json, null, style.indent).replaceAll('\n', breakLine(style, depth));
}

function breakLine({ newline, indent }: Style, depth: number): string {
  return newline + indent.repeat(depth);
}

/**
 * The file's own manner: its line ends, the indent of its first indented member, the space after
 * its first colon; docker's where it has none.
 */
function findStyle(text: string, root: Node | undefined): Style {
  const colon = /":(\s*)\S/.exec(text)?.[1]?.replace(/[\r\n]/g, '') ?? ' ';
  const isOneLine = /\S/.test(text) && !/\n/.test(text.trim()) && !/^\s*\{\s*\}\s*$/.test(text);
  if (isOneLine) return { newline: '', indent: '', colon };
  return {
    newline: /\r\n/.test(text) ? '\r\n' : '\n',
    indent: findIndent(root, text) ?? '\t',
    colon,
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
  for (const { name, value } of nodesOf(object)) {
    let at = name.offset;
    while (text[at - 1] === ' ' || text[at - 1] === '\t') at -= 1;
    const length = Math.ceil((name.offset - at) / level);
    if (length > 0 && text[at - 1] === '\n') return text.slice(at, at + length);
    const inside = findIndent(value, text, level + 1);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
