import { isObject } from '../json.ts';

/**
 * A type, written as an example: a text, a list of texts, a struct, or a map with one member. Null
 * is any type.
 */
export type Type = string | null | readonly [string] | Struct | { readonly [name: string]: Type };

/** An object of which Go decodes these members, in any case of their names, and ignores all others. */
type Struct = { readonly members: Readonly<Record<string, Type>> };

export function struct(members: Struct['members']): Struct {
  return { members };
}

function isStruct(type: Type): type is Struct {
  return typeof type === 'object' && type !== null && 'members' in type;
}

/** The name of the member that Go decodes for a key. */
export function findMember({ members }: Struct, key: string): string | undefined {
  if (Object.hasOwn(members, key)) return key;
  const folded = fold(key);
  const isIt = (name: string) => name.length === folded.length && name.toLowerCase() === folded;
  return Object.keys(members).find(isIt);
}

/** Go ignores the case of names, and folds the long `ſ` to s as well. */
function fold(name: string): string {
  return name.replaceAll('ſ', 's').toLowerCase();
}

/** A value of the wrong type; `type` is the right one. */
export type Misfit = { readonly path: readonly string[]; readonly type: Type };

/**
 * Decodes a JSON value as Go's encoding/json does: each member under its field's name, the last of
 * several spellings, maps merged. Returns the first value of a wrong type, and decodes the rest.
 * Null fits any type, and leaves an earlier text as it was.
 */
export function decode(value: unknown, type: Type) {
  const misfits: Misfit[] = [];
  return { value: decodeAt([], value, type, misfits), misfit: misfits[0] };
}

function decodeAt(path: Misfit['path'], value: unknown, type: Type, misfits: Misfit[]): unknown {
  if (value === null || value === undefined) return undefined;
  if (!isFit(value, type)) misfits.push({ path, type });
  else if (type === null || typeof type === 'string' || Array.isArray(type)) return value;
  else if (isStruct(type)) return decodeStruct(path, Object(value), type, misfits);
  else return decodeMap(path, Object(value), Object.values(type)[0] ?? null, misfits);
  return undefined;
}

function isFit(value: unknown, type: Type): boolean {
  if (typeof type === 'string') return typeof value === 'string';
  if (!Array.isArray(type)) return type === null || isObject(value);
  return Array.isArray(value) && value.every((one) => one === null || typeof one === 'string');
}

function decodeMap(path: Misfit['path'], value: object, type: Type, misfits: Misfit[]): unknown {
  const members = Object.entries(value);
  return Object.fromEntries(
    members.map(([key, inside]) => [key, decodeAt([...path, key], inside, type, misfits)]),
  );
}

function decodeStruct(path: Misfit['path'], value: object, struct: Struct, misfits: Misfit[]) {
  const found: Record<string, unknown> = {};
  for (const [key, inside] of Object.entries(value)) {
    const name = findMember(struct, key);
    if (name === undefined) continue;
    const type = struct.members[name] ?? null;
    const [was, is] = [found[name], decodeAt([...path, key], inside, type, misfits)];
    const isCleared = inside === null && typeof type !== 'string';
    found[name] = isCleared ? undefined : isObject(is) ? { ...Object(was), ...is } : (is ?? was);
  }
  return found;
}

/** What is wrong, without a key that may be a registry. */
export function describeMisfit({ path: [name, ...inside], type }: Misfit): string {
  if (name === undefined) return 'is not a JSON object';
  const object = Array.isArray(type) ? 'a list of strings' : 'an object';
  const kind = typeof type === 'string' ? 'a string' : object;
  return `holds ${inside.length > 0 ? 'a member of ' : ''}${name} that is not ${kind}`;
}

/** An example of the member at a path, made from the examples in its type. */
export function renderForm(type: Type, [name = '', ...path]: Misfit['path']): string {
  if (type === null || typeof type === 'string' || Array.isArray(type)) return JSON.stringify(type);
  const members = Object.entries(isStruct(type) ? type.members : type);
  const wanted = isStruct(type) ? findMember(type, name) : undefined;
  const [key, inside] = members.find(([one]) => one === wanted) ?? members[0] ?? ['', null];
  return `{"${key}": ${renderForm(inside, path)}}`;
}
