import type { Node } from 'jsonc-parser';
import type { DockerConfig } from './parse.ts';
import { endOf, nodesOf } from './tree.ts';

/** One change at a path: a new value, or none to remove the member. */
export type Edit = {
  readonly path: readonly string[];
  /** JSON text to write as it is, or an object to write in the file's style. */
  readonly value?: string | object | undefined;
};

/** An object as text, parsed only if an edit is inside it. */
type TextObject = {
  readonly members: TextMember[];
  readonly byKey: Map<string, TextMember>;
  /** The white space before the first member, and after the last. */
  readonly open: string;
  readonly close: string;
};

/** Its name with the colon, its value (none if it is removed), and the white space around both. */
type TextMember = {
  readonly lead: string;
  readonly name: string;
  value: string | TextObject | undefined;
  readonly tail: string;
  readonly node?: Node;
};

/** The file and its style: line end and indent are empty in a file of one line. */
type Original = Record<'text' | 'newline' | 'indent' | 'colon', string>;

/** The members that we edit, in the order in which we add them. */
const SECTIONS = ['auths', 'credHelpers', 'plugins'];

/**
 * Makes the edits, and changes no other byte. Like docker, it adds `auths` whenever it writes
 * anything (oras-py needs it), and removes an object that the edits empty.
 */
export function editConfig(config: DockerConfig, edits: readonly Edit[]): string {
  if (edits.length === 0) return config.text;
  const { text } = config;
  const node = config.root();
  const original = findStyle(text, node);
  const root = readObject(node, original, 0);
  const [auths] = SECTIONS.map((name) => root.byKey.get(name) ?? addMember(root, name, original));
  for (const edit of edits) makeEdit(root, edit, original);
  if (auths) auths.value = render(auths.value) ?? '{}';
  const object = `${render(root)}`;
  return node ? text.slice(0, node.offset) + object + text.slice(endOf(node)) : object;
}

function makeEdit(root: TextObject, { path, value }: Edit, original: Original): void {
  let object = root;
  let depth = 0;
  for (const name of path.slice(0, -1)) {
    depth += 1;
    const member = object.byKey.get(name) ?? addMember(object, name, original);
    if (typeof member.value !== 'object') member.value = readObject(member.node, original, depth);
    object = member.value;
  }
  const key = path[depth] ?? '';
  const text = typeof value === 'object' ? writeObject(value, original, path.length) : value;
  const member = object.byKey.get(key);
  // Of several keys for one host .NET's libraries use the first or the last: the host's own key
  // comes after those of its namespaces.
  const host = path.length === 2 ? object.byKey.get(key.split('/', 1)[0] ?? '') : undefined;
  if (member) member.value = text;
  else if (text !== undefined) addMember(object, key, original, host).value = text;
}

/** In the style of its neighbour, so that removing it later leaves no trace. */
function addMember(
  { members, byKey, open }: TextObject,
  key: string,
  { colon }: Original,
  next?: TextMember,
): TextMember {
  const lead = (next ?? members.at(-1))?.lead ?? open;
  const name = `${JSON.stringify(key)}:${colon}`;
  const added: TextMember = { lead, name, value: undefined, tail: '' };
  members.splice(next ? members.indexOf(next) : members.length, 0, added);
  byKey.set(key, added);
  return added;
}

function readObject(object: Node | undefined, original: Original, depth: number): TextObject {
  const { text } = original;
  const byKey = new Map<string, TextMember>();
  let from = (object?.offset ?? 0) + 1;
  const members = nodesOf(object).map(({ key, name: { offset }, value: node }, index, all) => {
    const end = endOf(node);
    const comma = index === all.length - 1 ? end : text.indexOf(',', end);
    const [lead, name] = [text.slice(from, offset), text.slice(offset, node.offset)];
    const value = text.slice(node.offset, end);
    const member: TextMember = { lead, name, value, tail: text.slice(end, comma), node };
    byKey.set(key, member);
    from = comma + 1;
    return member;
  });
  const open = members[0]?.lead ?? breakLine(original, depth + 1);
  const isEmpty = object === undefined || members.length === 0;
  const close = isEmpty ? breakLine(original, depth) : text.slice(from - 1, endOf(object) - 1);
  return { members, byKey, open, close };
}

/** Undefined if nothing is left of it. */
function render(value: TextMember['value']): string | undefined {
  if (typeof value !== 'object') return value;
  let text = '';
  let tail = '';
  for (const member of value.members) {
    const shown = render(member.value);
    if (shown === undefined) continue;
    text += (text === '' ? `{${value.open}` : `${tail},${member.lead}`) + member.name + shown;
    tail = member.tail;
  }
  return text === '' ? undefined : `${text}${value.close}}`;
}

function writeObject(value: object, original: Original, depth: number): string {
  const text = JSON.stringify(value, null, original.indent);
  return text.replaceAll('\n', breakLine(original, depth));
}

function breakLine({ newline, indent }: Original, depth: number): string {
  return newline + indent.repeat(depth);
}

/**
 * The file's own style: its line ends, the indent of its first indented member, the space after its
 * first colon. Docker's style if it has none.
 */
function findStyle(text: string, root: Node | undefined): Original {
  const colon = /":(\s*)\S/.exec(text)?.[1]?.replace(/[\r\n]/g, '') ?? ' ';
  const isOneLine = nodesOf(root).length > 0 && !text.trim().includes('\n');
  if (isOneLine) return { text, newline: '', indent: '', colon };
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const indents = nodesOf(root).map(({ name }) => indentAt(text, name.offset));
  return { text, newline, indent: indents.find(Boolean) ?? '\t', colon };
}

/** The white space before a place, if the line has nothing else there. */
function indentAt(text: string, offset: number): string {
  let at = offset;
  while (text[at - 1] === ' ' || text[at - 1] === '\t') at -= 1;
  return text[at - 1] === '\n' ? text.slice(at, offset) : '';
}
