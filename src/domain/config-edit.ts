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
 * What stood where we put the first member: JSON text, or null for nothing at all (`root`: no file). It lets the last removal
 * give back the bytes of the beginning.
 */
export type Blanks = { readonly [part in 'root' | Section]?: string | null };

/** The new text, null where the file that we created is to go, and what the next edit must know. */
export type Edited = { readonly text: string | null; readonly blanks: Blanks };

/** A member of an object in its own words: white space before it, name with colon, value, white space up to the comma or brace. */
type Member = { lead: string; name: string; key: string; value: string; tail: string };

type Style = { newline: string; indent: string; colon: string; isCompact: boolean };

/**
 * Makes the edits in the text and touches not one byte beside them. `blanks` is what earlier edits found, and `exists` whether there is a file.
 * Undoing all edits gives back the text of the beginning.
 */
export function editConfig(
  config: DockerConfig,
  edits: readonly Edit[],
  blanks: Blanks,
  exists = true,
): Edited {
  if (edits.length === 0) return { text: config.text, blanks };
  const style = findStyle(config.text);
  const { root } = config;
  const top = root ? membersOf(root, config.text) : [];
  const noted: Record<string, string | null | undefined> = { ...blanks };
  if (top.length === 0) noted.root = exists ? config.text : null;
  for (const section of ['auths', 'credHelpers'] as const) {
    const ours = edits.filter((edit) => edit.section === section);
    if (ours.length > 0) editSection(section, ours, { config, top, style, noted });
  }
  const { root: blank, ...rest } = noted;
  if (top.length === 0 && blank !== undefined) return { text: blank, blanks: clean(rest) };
  return { text: join(config, top), blanks: clean(noted) };
}

function join({ root, text }: DockerConfig, top: readonly Member[]): string {
  const object = writeObject(top);
  return root ? text.slice(0, root.start) + object + text.slice(root.end) : object;
}

function clean(blanks: Record<string, string | null | undefined>): Blanks {
  return Object.fromEntries(Object.entries(blanks).filter(([, value]) => value !== undefined));
}

type Context = {
  config: DockerConfig;
  top: Member[];
  style: Style;
  noted: Record<string, string | null | undefined>;
};

function editSection(section: Section, edits: readonly Edit[], context: Context): void {
  const { config, top, style, noted } = context;
  const holder = top.find(({ key }) => key === section);
  const object = config.root && findMember(config.root, section)?.value;
  const list = object ? membersOf(object, config.text) : [];
  const wasEmpty = list.length === 0;
  const left = editMembers(list, edits, style);
  if (left.length > 0) {
    if (wasEmpty) noted[section] = holder ? holder.value : null;
    const index = new Map(top.map((member) => [member.key, member]));
    setMember(top, index, section, { value: writeObject(left), style, depth: 0 });
  } else if (holder && !wasEmpty) emptySection(section, holder, context);
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

/** Leaves what stood there before our first entry. */
function emptySection(section: Section, holder: Member, { top, noted }: Context): void {
  const blank = noted[section];
  noted[section] = undefined;
  if (blank === null) top.splice(0, top.length, ...removeMembers(top, new Set([holder])));
  else holder.value = blank ?? '{}';
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

/** The file's own manner: its line ends, the indent of its first indented line, the space after its first colon; docker's where it has none. */
function findStyle(text: string): Style {
  const isCompact = /\S/.test(text) && !/\n/.test(text.trim()) && !/^\s*\{\s*\}\s*$/.test(text);
  return {
    isCompact,
    newline: /\r\n/.test(text) ? '\r\n' : '\n',
    indent: /^([ \t]+)"/m.exec(text)?.[1] ?? '\t',
    colon: /":(\s*)\S/.exec(text)?.[1]?.replace(/[\r\n]/g, '') ?? ' ',
  };
}
