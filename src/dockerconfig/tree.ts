import { type Node, type ParseError, parseTree, visit } from 'jsonc-parser';
import { parseJson } from '../json.ts';

export type Member = { readonly key: string; readonly name: Node; readonly value: Node };

/** As strict as JSON.parse (RFC 8259), which returns no offsets. */
const STRICT = { disallowComments: true, allowTrailingComma: false };

/** The nodes of a text that JSON.parse has read. Throws if the two parsers disagree: a bug. */
export function parseNodes(text: string): Node {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, STRICT);
  if (root === undefined || errors.length > 0) throw new SyntaxError('no tree of a JSON text');
  return root;
}

/** The first value of a text, whatever follows it; undefined if it does not start with one. */
export function parseFirst(text: string): unknown {
  const whole = parseJson(text);
  return whole === undefined ? parseJson(text.slice(0, findError(text))) : whole;
}

/** Where a text stops being JSON. We read no further: it may hold a million errors. */
export function findError(text: string): number {
  let found: number | undefined;
  const onError = (_: number, offset: number) => {
    found = offset;
    throw new Error('found');
  };
  try {
    visit(text, { onError }, STRICT);
  } catch (error) {
    // The visitor calls itself for each level, and finds nothing if the text is too deep.
    if (found === undefined && !(error instanceof RangeError)) throw error;
  }
  return found ?? 0;
}

/** The members of an object in order, repeated keys too; none if it is not an object. */
export function nodesOf(object: Node | undefined): Member[] {
  if (object?.type !== 'object') return [];
  return (object.children ?? []).flatMap(({ children: [name, value] = [] }) =>
    name && value ? { key: `${name.value}`, name, value } : [],
  );
}

export function findNode(root: Node | undefined, path: readonly string[]): Node | undefined {
  const enter = (object: typeof root, key: string) =>
    nodesOf(object).find((member) => member.key === key)?.value;
  return path.reduce(enter, root);
}

/** A node and all nodes in it. */
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
