import type { Node } from 'jsonc-parser';
import { parseJson } from './json.ts';

export type Member = { readonly key: string; readonly name: Node; readonly value: Node };

/** The nodes of a text that JSON.parse has read. Throws where the two parsers disagree: a bug. */
export function parseNodes(text: string): Node {
  return readNodes(text, true);
}

/** The first value of a text, whatever follows it; undefined where it does not begin with one. */
export function parseFirst(text: string): unknown {
  try {
    return parseJson(text.slice(0, endOf(readNodes(text, false))));
  } catch {
    return undefined;
  }
}

/** Where a text stops being JSON, which JSON.parse does not tell. */
export function findError(text: string): number {
  try {
    return endOf(readNodes(text, true));
  } catch (error) {
    // A call for each level; of what is too deep nothing is known.
    return error instanceof NotJson ? error.offset : 0;
  }
}

class NotJson extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super();
    this.offset = offset;
  }
}

/** As strict as JSON.parse, which judges each text, number and word here. */
function readNodes(text: string, isWhole: boolean): Node {
  let token = findToken(text, 0);
  const take = (isFit: (text: string) => boolean): Node => {
    const { offset, word } = token;
    if (!isFit(word)) throw new NotJson(offset);
    token = findToken(text, offset + word.length);
    return { type: 'string', offset, length: word.length };
  };
  const takeScalar = (isFit: (text: string) => boolean): Node => {
    const value = parseJson(token.word);
    const type = value === null ? 'null' : (typeof value as 'string' | 'number' | 'boolean');
    return { ...take((word) => value !== undefined && isFit(word)), type, value };
  };
  const takeMember = (): Node => {
    const name = takeScalar((word) => word.startsWith('"'));
    take((word) => word === ':');
    const value = takeValue();
    const { offset } = name;
    return { type: 'property', offset, length: endOf(value) - offset, children: [name, value] };
  };
  const takeValue = (): Node => {
    const isObject = token.word === '{';
    if (!isObject && token.word !== '[') return takeScalar(() => true);
    const close = isObject ? '}' : ']';
    const { offset } = take(() => true);
    const children: Node[] = [];
    while (token.word !== close) {
      if (children.length > 0) take((word) => word === ',');
      children.push(isObject ? takeMember() : takeValue());
    }
    const length = endOf(take(() => true)) - offset;
    return { type: isObject ? 'object' : 'array', offset, length, children };
  };
  const root = takeValue();
  if (isWhole && token.word !== '') throw new NotJson(token.offset);
  return root;
}

/** The next token after white space: a mark, a text as far as it goes, or what is between these. */
function findToken(text: string, from: number): { readonly offset: number; readonly word: string } {
  TOKEN.lastIndex = from;
  const [all = '', word = ''] = TOKEN.exec(text) ?? [];
  const offset = from + all.length - word.length;
  if (word !== '"') return { offset, word };
  let end = offset + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return { offset, word: text.slice(offset, end + 1) };
}

const TOKEN = /[ \t\r\n]*(["{}[\]:,]|[^ \t\r\n"{}[\]:,]*)/y;

/** A tree with other names for members of its root, whose text stays as it is. */
export function rename(root: Node, nameFor: (name: string) => string): Node {
  const members = nodesOf(root).map(({ key, name, value }): Node => {
    const { offset } = name;
    const children = [{ ...name, value: nameFor(key) }, value];
    return { type: 'property', offset, length: endOf(value) - offset, children };
  });
  return members.length > 0 ? { ...root, children: members } : root;
}

/** The members of an object in their order, with every equal key; none of anything else. */
export function nodesOf(object: Node | undefined): Member[] {
  if (object?.type !== 'object') return [];
  return (object.children ?? []).flatMap(({ children: [name, value] = [] }) =>
    name && value ? { key: `${name.value}`, name, value } : [],
  );
}

export function findNode(root: Node | undefined, path: readonly string[]): Node | undefined {
  return path.reduce(
    (object, key) => nodesOf(object).find((member) => member.key === key)?.value,
    root,
  );
}

/** A node, and all that is in it. */
export function nodesIn(node: Node): Node[] {
  return [node, ...(node.children ?? []).flatMap(nodesIn)];
}

/** The second of two equal keys. */
export function findTwice(object: Node | undefined): Node | undefined {
  const seen = new Set<string>();
  return nodesOf(object).find(({ key }) => seen.size === seen.add(key).size)?.name;
}

export function endOf({ offset, length }: Node): number {
  return offset + length;
}
