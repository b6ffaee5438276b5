/** Condition, filter and update expressions, evaluated over the syntax trees of dynalite's parsers. */

import { compareValues, functionSize, sameValue, typeOf } from './attribute-values.ts';
import type { AttributeValue, Item } from './attribute-values.ts';
import { addDecimals } from './decimals.ts';
import { validationFailure } from './failures.ts';

type Path = readonly (string | number)[];

interface Call {
  readonly type: string;
  readonly name?: string;
  readonly args: readonly Operand[];
}

export type Operand = Path | AttributeValue | Call;

export interface UpdateSection {
  readonly type: 'set' | 'remove' | 'add' | 'delete';
  readonly path: Path;
  readonly val?: Operand;
  readonly attrType?: string;
}

function isPath(operand: Operand): operand is Path {
  return Array.isArray(operand);
}

function isCall(operand: Operand): operand is Call {
  return !isPath(operand) && 'type' in operand;
}

function readPath(path: Path, item: Item): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const step of path) {
    value =
      typeof step === 'number' ? value.L?.[step] : Object.hasOwn(value.M ?? {}, step) ? value.M![step] : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}

function resolve(operand: Operand, item: Item): AttributeValue | undefined {
  if (isPath(operand)) return readPath(operand, item);
  if (!isCall(operand)) return operand;
  // `size` is the only function that stands as an operand of a condition.
  const value = resolve(operand.args[0]!, item);
  const size = value === undefined ? null : functionSize(value);
  return size === null ? undefined : { N: String(size) };
}

const ORDERS: Record<string, (order: number) => boolean> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function ordered(operator: string, one?: AttributeValue, other?: AttributeValue): boolean {
  if (one === undefined || other === undefined) return false;
  const order = compareValues(one, other);
  return order !== null && ORDERS[operator]!(order);
}

function equal(one?: AttributeValue, other?: AttributeValue): boolean {
  return one !== undefined && other !== undefined && sameValue(one, other);
}

function beginsWith(value: AttributeValue, start: AttributeValue): boolean {
  if (value.S !== undefined && start.S !== undefined) return value.S.startsWith(start.S);
  if (value.B === undefined || start.B === undefined) return false;
  const bytes = Buffer.from(value.B, 'base64');
  const prefix = Buffer.from(start.B, 'base64');
  return bytes.subarray(0, prefix.length).equals(prefix);
}

function contains(value: AttributeValue, part: AttributeValue): boolean {
  if (value.S !== undefined) return part.S !== undefined && value.S.includes(part.S);
  if (value.L !== undefined) return value.L.some((member) => sameValue(member, part));
  if (value.SS !== undefined) return part.S !== undefined && value.SS.includes(part.S);
  if (value.NS !== undefined) return part.N !== undefined && value.NS.includes(part.N);
  if (value.BS !== undefined) return part.B !== undefined && value.BS.includes(part.B);
  if (value.B === undefined || part.B === undefined) return false;
  return Buffer.from(value.B, 'base64').includes(Buffer.from(part.B, 'base64'));
}

function callFunction(name: string, value?: AttributeValue, argument?: AttributeValue): boolean {
  if (name === 'attribute_exists') return value !== undefined;
  if (name === 'attribute_not_exists') return value === undefined;
  if (value === undefined || argument === undefined) return false;
  if (name === 'attribute_type') return typeOf(value) === argument.S;
  if (name === 'begins_with') return beginsWith(value, argument);
  if (name === 'contains') return contains(value, argument);
  throw validationFailure(`Invalid function name; function: ${name}`);
}

/** Whether an item meets a parsed condition or filter; an attribute that is missing meets no comparison but `<>`. */
export function meetsCondition(expression: Operand, item: Item): boolean {
  if (!isCall(expression)) throw validationFailure('The expression is not a condition');
  const { type, args } = expression;
  if (type === 'and') return meetsCondition(args[0]!, item) && meetsCondition(args[1]!, item);
  if (type === 'or') return meetsCondition(args[0]!, item) || meetsCondition(args[1]!, item);
  if (type === 'not') return !meetsCondition(args[0]!, item);
  const [value, ...others] = args.map((operand) => resolve(operand, item));
  if (type === 'function') return callFunction(expression.name!, value, others[0]);
  if (type === 'between') return ordered('>=', value, others[0]) && ordered('<=', value, others[1]);
  if (type === 'in') return others.some((other) => equal(value, other));
  if (type === '=') return equal(value, others[0]);
  if (type === '<>') return !equal(value, others[0]);
  return ordered(type, value, others[0]);
}

const WRONG_TYPE = 'An operand in the update expression has an incorrect data type';
const MISSING = 'The provided expression refers to an attribute that does not exist in the item';
const WRONG_PATH = 'The document path provided in the update expression is invalid for update';

/** The value of a SET's right side, over the item as it was. */
function evaluate(operand: Operand, item: Item): AttributeValue {
  if (!isCall(operand)) {
    const value = isPath(operand) ? readPath(operand, item) : operand;
    if (value === undefined) throw validationFailure(MISSING);
    return value;
  }
  const [first, second] = operand.args as [Operand, Operand];
  if (operand.name === 'if_not_exists') return readPath(first as Path, item) ?? evaluate(second, item);
  const one = evaluate(first, item);
  const other = evaluate(second, item);
  if (operand.name === 'list_append') {
    if (one.L === undefined || other.L === undefined) throw validationFailure(WRONG_TYPE);
    return { L: [...one.L, ...other.L] };
  }
  if (one.N === undefined || other.N === undefined) throw validationFailure(WRONG_TYPE);
  return { N: addDecimals(one.N, other.N, operand.type === 'add' ? 1 : -1) };
}

type SetType = 'SS' | 'NS' | 'BS';

/** What ADD leaves: a sum, or a set's union. */
function added(existing: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  const type = typeOf(value);
  if (existing !== undefined && typeOf(existing) !== type) throw validationFailure(WRONG_TYPE);
  if (type === 'N') return { N: addDecimals(existing?.N ?? '0', value.N!, 1) };
  return { [type]: [...new Set([...(existing?.[type as SetType] ?? []), ...value[type as SetType]!])] };
}

/** What DELETE leaves of a set: nothing at all when it was the last member. */
function without(existing: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined {
  if (existing === undefined) return undefined;
  const type = typeOf(value) as SetType;
  if (typeOf(existing) !== type) throw validationFailure(WRONG_TYPE);
  const left = existing[type]!.filter((member) => !value[type]!.includes(member));
  return left.length === 0 ? undefined : { [type]: left };
}

type Change = { readonly path: Path; readonly value: AttributeValue | undefined };

function changeOf(section: UpdateSection, item: Item): Change {
  const { path, type } = section;
  if (type === 'remove') return { path, value: undefined };
  if (type === 'set') return { path, value: evaluate(section.val!, item) };
  const value = section.val as AttributeValue;
  return { path, value: type === 'add' ? added(readPath(path, item), value) : without(readPath(path, item), value) };
}

/** Copies the containers on a path once, so that the stored item stays as it was. */
function writableParent(path: Path, root: AttributeValue, copied: Set<AttributeValue>): AttributeValue {
  let parent = root;
  for (const step of path.slice(0, -1)) {
    const child = typeof step === 'number' ? parent.L?.[step] : parent.M?.[step];
    if (child === undefined) throw validationFailure(WRONG_PATH);
    let copy = child;
    if (!copied.has(child)) {
      copy = child.M ? { M: { ...child.M } } : child.L ? { L: [...child.L] } : child;
      copied.add(copy);
      if (typeof step === 'number') parent.L![step] = copy;
      else parent.M![step] = copy;
    }
    parent = copy;
  }
  return parent;
}

function applyChange({ path, value }: Change, root: AttributeValue, copied: Set<AttributeValue>): void {
  const parent = writableParent(path, root, copied);
  const last = path[path.length - 1]!;
  if (typeof last === 'number') {
    if (parent.L === undefined) throw validationFailure(WRONG_PATH);
    if (value !== undefined) parent.L[Math.min(last, parent.L.length)] = value;
    else if (last < parent.L.length) parent.L.splice(last, 1);
    return;
  }
  if (parent.M === undefined) throw validationFailure(WRONG_PATH);
  if (value === undefined) delete parent.M[last];
  else parent.M[last] = value;
}

/** List members go last and from the back, so that the positions named in the expression stay true. */
function byPosition(one: Change, other: Change): number {
  const position = (change: Change) => {
    const last = change.path[change.path.length - 1];
    return change.value === undefined && typeof last === 'number' ? last : Infinity;
  };
  const [a, b] = [position(one), position(other)];
  return a === b ? 0 : b - a;
}

/** The item after an update expression; every right side sees the item as it was before. */
export function applyUpdate(sections: readonly UpdateSection[], item: Item): Item {
  const root: AttributeValue = { M: { ...item } };
  const copied = new Set<AttributeValue>();
  const changes = sections.map((section) => changeOf(section, item));
  for (const change of changes.toSorted(byPosition)) applyChange(change, root, copied);
  return root.M!;
}
