import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { PartialArgWire } from '../wire.ts';

/** Puts together arguments that are streamed as values at JSON paths; strings at one path are joined. */
export interface PartialArgs {
  add(piece: PartialArgWire): void;
  /** The arguments as JSON. */
  read(): string;
}

type Step = string | number;

export function createPartialArgs(begun: Json | undefined): PartialArgs {
  const root: JsonObject = isJsonObject(begun) ? structuredClone(begun) : {};
  return {
    add(piece) {
      const steps = stepsOf(piece.jsonPath ?? '');
      if (steps === null || steps.length === 0) return;
      const value = valueOf(piece);
      if (value !== undefined) put(root, steps, value);
    },
    read: () => JSON.stringify(root),
  };
}

const LONGEST_PATH = 64;
/** A list is not padded with thousands of nulls because a path says so. */
const HIGHEST_INDEX = 10_000;
/** `.name`, `['name']`, `["name"]` or `[3]`: the paths of RFC 9535 that name one value. */
const STEP = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

function stepsOf(path: string): Step[] | null {
  const steps: Step[] = [];
  let at = path.startsWith('$') ? 1 : 0;
  const text = at === 0 ? `.${path}` : path;
  while (at < text.length) {
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    if (match === null || steps.length >= LONGEST_PATH) return null;
    const [whole, member, index, single, double] = match;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(member ?? (single ?? double ?? '').replaceAll(/\\(.)/g, '$1'));
    at += whole.length;
  }
  return steps;
}

function valueOf(piece: PartialArgWire): Json | undefined {
  if (typeof piece.stringValue === 'string') return piece.stringValue;
  if (piece.numberValue !== undefined && piece.numberValue !== null) return piece.numberValue;
  if (typeof piece.boolValue === 'boolean') return piece.boolValue;
  return piece.nullValue === undefined ? undefined : null;
}

function put(root: JsonObject, steps: Step[], value: Json): void {
  let at: JsonObject | Json[] = root;
  for (const [depth, step] of steps.entries()) {
    const next = steps[depth + 1];
    const known = read(at, step);
    if (next === undefined) {
      write(at, step, typeof known === 'string' && typeof value === 'string' ? known + value : value);
      return;
    }
    if (isJsonObject(known) || Array.isArray(known)) {
      at = known;
      continue;
    }
    const made: JsonObject | Json[] = typeof next === 'number' ? [] : {};
    if (!write(at, step, made)) return;
    at = made;
  }
}

function read(holder: JsonObject | Json[], step: Step): Json | undefined {
  if (Array.isArray(holder)) return typeof step === 'number' ? holder[step] : undefined;
  return Object.hasOwn(holder, step) ? holder[String(step)] : undefined;
}

function write(holder: JsonObject | Json[], step: Step, value: Json): boolean {
  if (!Array.isArray(holder)) {
    Object.defineProperty(holder, String(step), { value, writable: true, enumerable: true, configurable: true });
    return true;
  }
  if (typeof step !== 'number' || step > HIGHEST_INDEX) return false;
  while (holder.length < step) holder.push(null);
  holder[step] = value;
  return true;
}
