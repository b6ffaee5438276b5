import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';

/** How often one definition may stand inside itself before it is cut. */
const DEEPEST_RECURSION = 2;
/** Schemas that references may bring into one request: doubling ones would make it explode. */
const MOST_INLINED = 5_000;
/** Deeper ones are left open: no model fills them in. */
const DEEPEST_NESTING = 64;

/** What references may still bring in; one for all schemas of a request. */
export interface InliningBudget {
  left: number;
}

export function createInliningBudget(): InliningBudget {
  return { left: MOST_INLINED };
}

interface Inlining {
  root: JsonObject;
  /** Definitions that are being inlined, from outside in. */
  inside: string[];
  budget: InliningBudget;
  depth: number;
}

/**
 * The schema with each local `$ref` replaced by what it means. A definition that refers to itself is repeated a few
 * times and then left open; so is one that cannot be found (https://json-schema.org/understanding-json-schema/structuring).
 * Only schemas are looked at: a property may be named `$ref`, and a default may hold one.
 */
export function inlineReferences(schema: JsonObject, budget: InliningBudget): JsonObject {
  return inline(schema, { root: schema, inside: [], budget, depth: 0 });
}

const DEFINITIONS = new Set(['$defs', 'definitions', '$schema', '$id', '$anchor', '$comment', '$vocabulary']);

function inline(schema: JsonObject, state: Inlining): JsonObject {
  if (state.budget.left <= 0 || state.depth >= DEEPEST_NESTING) return {};
  if (state.inside.length > 0) state.budget.left -= 1;
  state.depth += 1;
  const target = schema['$ref'];
  const meant = typeof target === 'string' ? resolve(target, state) : {};
  const inlined = { ...meant, ...inlineMembers(schema, state) };
  state.depth -= 1;
  return inlined;
}

function inlineMembers(schema: JsonObject, state: Inlining): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (DEFINITIONS.has(key) || (key === '$ref' && typeof value === 'string')) continue;
    result[key] = inlineMember(key, value, state);
  }
  return result;
}

const SINGLE = new Set(['items', 'additionalProperties', 'not', 'contains', 'if', 'then', 'else', 'propertyNames']);
const LISTS = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items']);
const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas']);

function inlineMember(key: string, value: Json, state: Inlining): Json {
  if (SINGLE.has(key) && isJsonObject(value)) return inline(value, state);
  if (LISTS.has(key) && Array.isArray(value)) {
    return value.map((item) => (isJsonObject(item) ? inline(item, state) : item));
  }
  if (!MAPS.has(key) || !isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [name, isJsonObject(schema) ? inline(schema, state) : schema]),
  );
}

function resolve(target: string, state: Inlining): JsonObject {
  const found = target.startsWith('#') ? find(state.root, target.slice(1)) : null;
  if (found === null) return {};
  const depth = state.inside.filter((name) => name === target).length;
  if (depth >= DEEPEST_RECURSION) return described(found);
  state.inside.push(target);
  const inlined = inline(found, state);
  state.inside.pop();
  return inlined;
}

/** What is left of a definition where it is cut: of which type it is, and what it is about. */
function described(schema: JsonObject): JsonObject {
  const { type, description } = schema;
  return { ...(type !== undefined && { type }), ...(description !== undefined && { description }) };
}

/** A JSON pointer (RFC 6901), or the name of an `$anchor`. */
function find(root: JsonObject, pointer: string): JsonObject | null {
  if (pointer !== '' && !pointer.startsWith('/')) return findAnchor(root, pointer);
  let at: Json | undefined = root;
  for (const step of pointer.split('/').slice(1)) {
    const key = decodeStep(step);
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return isJsonObject(at) ? at : null;
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step;
  }
}

function findAnchor(root: JsonObject, name: string): JsonObject | null {
  for (const key of ['$defs', 'definitions']) {
    const definitions = root[key];
    if (!isJsonObject(definitions)) continue;
    const found = Object.values(definitions).find((schema) => isJsonObject(schema) && schema['$anchor'] === name);
    if (isJsonObject(found)) return found;
  }
  return null;
}
