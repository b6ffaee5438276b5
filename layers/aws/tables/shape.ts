/**
 * What a stored value must look like. A handful of readers in place of a general library: tables need no more, and the
 * relay's process and its cold start pay for every kilobyte that they load.
 */
export interface Shape<Value> {
  /** The value as the shape knows it. Where it does not fit, a path is added to the faults and the result is no good. */
  read(value: unknown, at: Place): Value;
}

/** Where the value stands. */
export interface Place {
  /** Names joined by dots; empty at the root. */
  path: string;
  /** Paths of what does not fit. Paths only: values may be personal. */
  faults: string[];
}

/** A member that may be absent. */
export interface OptionalShape<Value> extends Shape<Value | undefined> {
  readonly isOptional: true;
}

export type ValueOf<Given> = Given extends Shape<infer Value> ? Value : never;

/** @throws TypeError that names the paths of what does not fit */
export function parsed<Value>(shape: Shape<Value>, what: string, value: unknown): Value {
  const faults: string[] = [];
  const found = shape.read(value, { path: '', faults });
  if (faults.length === 0) return found;
  throw new TypeError(`A stored ${what} does not fit its schema at ${faults.join(', ')}.`);
}

type Members = Readonly<Record<string, Shape<unknown>>>;
type OptionalNames<Given extends Members> = {
  [Name in keyof Given]: Given[Name] extends OptionalShape<unknown> ? Name : never;
}[keyof Given];
type Flat<Given> = { [Name in keyof Given]: Given[Name] };
export type ObjectOf<Given extends Members> = Flat<
  { -readonly [Name in Exclude<keyof Given, OptionalNames<Given>>]: ValueOf<Given[Name]> } & {
    -readonly [Name in OptionalNames<Given>]?: ValueOf<Given[Name]>;
  }
>;

export const text = shapeOf((value): value is string => typeof value === 'string');
export const number = shapeOf((value): value is number => typeof value === 'number' && Number.isFinite(value));
export const boolean = shapeOf((value): value is boolean => typeof value === 'boolean');
export const bytes = shapeOf((value): value is Uint8Array => value instanceof Uint8Array);

export function oneOf<const Value extends string | boolean>(values: readonly Value[]): Shape<Value> {
  return shapeOf((value): value is Value => (values as readonly unknown[]).includes(value));
}

export function nullable<Value>(shape: Shape<Value>): Shape<Value | null> {
  return { read: (value, at) => (value === null ? null : shape.read(value, at)) };
}

export function optional<Value>(shape: Shape<Value>): OptionalShape<Value> {
  return { isOptional: true, read: (value, at) => (value === undefined ? undefined : shape.read(value, at)) };
}

/** Members that it does not name are left out. */
export function object<Given extends Members>(members: Given): Shape<ObjectOf<Given>> {
  const entries = Object.entries(members);
  return {
    read(value, at) {
      const found: Record<string, unknown> = {};
      if (!isObject(value)) fault(at);
      else for (const [name, shape] of entries) readMember({ from: value, to: found, name, shape }, at);
      return found as ObjectOf<Given>;
    },
  };
}

/** Members that it does not name are kept. */
export function looseObject<Given extends Members>(members: Given): Shape<ObjectOf<Given> & Record<string, unknown>> {
  const known = object(members);
  return { read: (value, at) => ({ ...(isObject(value) ? value : {}), ...known.read(value, at) }) };
}

export function list<Value>(shape: Shape<Value>): Shape<Value[]> {
  return {
    read: (value, at) =>
      Array.isArray(value) ? value.map((entry, index) => shape.read(entry, below(at, String(index)))) : fault(at),
  };
}

/** A list of so many entries, each of its own shape. */
export function tuple<const Given extends readonly Shape<unknown>[]>(
  shapes: Given,
): Shape<{ -readonly [Index in keyof Given]: ValueOf<Given[Index]> }> {
  return {
    read: (value, at) =>
      Array.isArray(value) && value.length === shapes.length
        ? (shapes.map((shape, index) => shape.read(value[index], below(at, String(index)))) as never)
        : fault(at),
  };
}

/** Any names, values of one shape. */
export function record<Value>(shape: Shape<Value>): Shape<Record<string, Value>> {
  return {
    read: (value, at) =>
      isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, shape.read(entry, below(at, name))]))
        : fault(at),
  };
}

/** Some of these names, values of one shape. */
export function partialRecord<const Name extends string, Value>(
  names: readonly Name[],
  shape: Shape<Value>,
): Shape<Partial<Record<Name, Value>>> {
  const any = record(shape);
  return {
    read(value, at) {
      const found = any.read(value, at);
      for (const name in found) if (!(names as readonly string[]).includes(name)) fault(below(at, name));
      return found as Partial<Record<Name, Value>>;
    },
  };
}

export function shapeOf<Value>(fits: (value: unknown) => value is Value): Shape<Value> {
  return { read: (value, at) => (fits(value) ? value : fault(at)) };
}

interface Member {
  from: Readonly<Record<string, unknown>>;
  to: Record<string, unknown>;
  name: string;
  shape: Shape<unknown>;
}

function readMember({ from, to, name, shape }: Member, at: Place): void {
  const value = shape.read(Object.hasOwn(from, name) ? from[name] : undefined, below(at, name));
  if (value !== undefined) to[name] = value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function below(at: Place, name: string): Place {
  return { path: at.path === '' ? name : `${at.path}.${name}`, faults: at.faults };
}

/** Nobody looks at what is read once there is a fault. */
function fault(at: Place): never {
  at.faults.push(at.path);
  return undefined as never;
}
