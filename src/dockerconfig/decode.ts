import { isObject } from '../json.ts';

/**
 * A type, given by an example of it: a text, a list of texts, a map with one member; null is
 * anything.
 */
export type Type = string | null | readonly [string] | Struct | { readonly [name: string]: Type };

/** The members that Go knows in an object, by name in lower case; it passes over all others. */
export type Struct = ReadonlyMap<string, { readonly name: string; readonly type: Type }>;

export function struct(members: Readonly<Record<string, Type>>): Struct {
  return new Map(Object.entries(members).map(([name, type]) => [fold(name), { name, type }]));
}

/** Go compares names of members without case; its long s is one, too. */
export function fold(name: string): string {
  return name.replaceAll('ſ', 's').toLowerCase();
}

/** A value of another type than the one that belongs there. */
export type Misfit = { readonly path: readonly string[]; readonly type: Type };

/**
 * A value of JSON as Go's encoding/json decodes it: each member under the name of its field, the
 * last of several names of one, maps put together; and of what is of another type the first, while
 * all else is decoded. Null is right for any type, and leaves a text as it was.
 */
export function decode(value: unknown, type: Type) {
  const misfits: Misfit[] = [];
  return { value: decodeAt([], value, type, misfits), misfit: misfits[0] };
}

function decodeAt(path: Misfit['path'], value: unknown, type: Type, misfits: Misfit[]): unknown {
  if (value === null || value === undefined) return undefined;
  if (!isFit(value, type)) misfits.push({ path, type });
  else if (type instanceof Map) return decodeStruct(path, Object(value), type, misfits);
  else if (type === null || typeof type === 'string' || Array.isArray(type)) return value;
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
    const { name, type } = struct.get(fold(key)) ?? {};
    if (name === undefined || type === undefined) continue;
    const [was, is] = [found[name], decodeAt([...path, key], inside, type, misfits)];
    const isCleared = inside === null && typeof type !== 'string';
    found[name] = isCleared ? undefined : isObject(is) ? { ...Object(was), ...is } : (is ?? was);
  }
  return found;
}

/** What is wrong, without a name that may be a registry's. */
export function describeMisfit({ path: [name, ...inside], type }: Misfit): string {
  if (name === undefined) return 'is not a JSON object';
  const object = Array.isArray(type) ? 'a list of strings' : 'an object';
  const kind = typeof type === 'string' ? 'a string' : object;
  return `holds ${inside.length > 0 ? 'a member of ' : ''}${name} that is not ${kind}`;
}

/** How the member at a path is written, by the examples that its types are. */
export function renderForm(type: Type, [name = '', ...path]: Misfit['path']): string {
  if (type === null || typeof type === 'string' || Array.isArray(type)) return JSON.stringify(type);
  const [first = { name, type: '' }] = type instanceof Map ? type.values() : [];
  const known = type instanceof Map ? (type.get(fold(name)) ?? first) : undefined;
  const [key, inside] = known ? [known.name, known.type] : (Object.entries(type)[0] ?? ['', null]);
  return `{"${key}": ${renderForm(inside, path)}}`;
}
