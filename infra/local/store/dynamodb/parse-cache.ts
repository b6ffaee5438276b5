/**
 * Parsing an expression costs more than all the rest of a call, and programs send the same few texts again and again
 * with other names and values. So each text is parsed once with stand-in names and values, and every call gets a copy
 * with its own in their places.
 */

import type { AttributeValue } from './attribute-values.ts';

export interface ParseContext {
  readonly attrNames?: Record<string, string>;
  readonly attrVals?: Record<string, AttributeValue>;
  readonly unusedAttrNames: Record<string, boolean>;
  readonly unusedAttrVals: Record<string, boolean>;
  readonly isKeyCondition?: boolean;
  readonly [other: string]: unknown;
}

/** A generated parser: answers a syntax tree, or a sentence about what is wrong; throws on a syntax error. */
export interface Parser {
  parse(text: string, options: { context: ParseContext }): unknown;
}

interface Template {
  readonly tree: unknown;
  readonly usedNames: readonly string[];
  readonly usedValues: readonly string[];
  /** Stand-in name → the placeholder whose name belongs there. */
  readonly names: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<unknown, string>;
}

const MAX_TEMPLATES = 1000;
const TOKEN = /[#:]?[A-Za-z_][\w]*/g;
/** These look at values, not only at their types, while they are parsed. */
const LOOKS_AT_VALUES = /\bbetween\b|attribute_type/i;

/**
 * What the parser's checks can depend on besides the text: which names are the same name, and the values' types.
 * Null when the call is better parsed by itself: a placeholder without meaning, or one that repeats a bare name.
 */
function signature(text: string, context: ParseContext): string | null {
  if (LOOKS_AT_VALUES.test(text)) return null;
  const tokens = new Set(text.match(TOKEN) ?? []);
  const firstOf = new Map<string, string>();
  const parts = [text, String(context.isKeyCondition === true)];
  for (const token of tokens) {
    if (token.startsWith('#')) {
      const name = context.attrNames?.[token];
      if (!name || tokens.has(name)) return null;
      if (!firstOf.has(name)) firstOf.set(name, token);
      parts.push(`${token}=${firstOf.get(name)}`);
    } else if (token.startsWith(':')) {
      const value = context.attrVals?.[token];
      if (!value) return null;
      parts.push(`${token}=${Object.keys(value).join()}`);
    }
  }
  return parts.join('\n');
}

function createTemplate(parser: Parser, text: string, context: ParseContext): Template | null {
  const names = new Map<string, string>();
  const values = new Map<unknown, string>();
  const standInOf = new Map<string, string>();
  const attrNames: Record<string, string> = {};
  const attrVals: Record<string, AttributeValue> = {};
  // A name may have further placeholders that only the call's other expressions use, and the next call may lack them:
  // the ones of this text come first.
  const own = new Set(text.match(TOKEN) ?? []);
  const given = Object.entries(context.attrNames ?? {});
  for (const [token, name] of given.toSorted(([left], [right]) => Number(own.has(right)) - Number(own.has(left)))) {
    // No attribute name of a caller begins like this by accident, and no bare name can.
    const standIn = standInOf.get(name) ?? `\u0000${token}`;
    standInOf.set(name, standIn);
    attrNames[token] = standIn;
    if (!names.has(standIn)) names.set(standIn, token);
  }
  for (const [token, value] of Object.entries(context.attrVals ?? {})) {
    attrVals[token] = { ...value };
    values.set(attrVals[token], token);
  }
  const unusedAttrNames = Object.fromEntries(Object.keys(attrNames).map((token) => [token, true]));
  const unusedAttrVals = Object.fromEntries(Object.keys(attrVals).map((token) => [token, true]));
  let tree: unknown;
  try {
    tree = parser.parse(text, { context: { ...context, attrNames, attrVals, unusedAttrNames, unusedAttrVals } });
  } catch {
    return null;
  }
  if (typeof tree !== 'object' || tree === null) return null;
  return {
    tree,
    names,
    values,
    usedNames: Object.keys(attrNames).filter((token) => unusedAttrNames[token] === undefined),
    usedValues: Object.keys(attrVals).filter((token) => unusedAttrVals[token] === undefined),
  };
}

function fill(node: unknown, template: Template, context: ParseContext): unknown {
  if (typeof node === 'string') {
    const token = template.names.get(node);
    return token === undefined ? node : context.attrNames![token];
  }
  if (typeof node !== 'object' || node === null) return node;
  const placeholder = template.values.get(node);
  if (placeholder !== undefined) return context.attrVals![placeholder];
  if (Array.isArray(node)) return node.map((member) => fill(member, template, context));
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(node)) {
    // Path heads are keys of the tree's summaries.
    copy[fill(name, template, context) as string] = fill(value, template, context);
  }
  return copy;
}

/** The same parser with a memory. Whatever is wrong with an expression is said by the parser itself, each time. */
export function withParseCache(parser: Parser): Parser['parse'] {
  const parse = parser.parse.bind(parser);
  const templates = new Map<string, Template | null>();

  return (text, { context }) => {
    const key = signature(text, context);
    if (key === null) return parse(text, { context });
    let template = templates.get(key);
    if (template === undefined) {
      if (templates.size >= MAX_TEMPLATES) templates.clear();
      template = createTemplate({ parse }, text, context);
      templates.set(key, template);
    }
    if (template === null) return parse(text, { context });
    for (const token of template.usedNames) delete context.unusedAttrNames[token];
    for (const token of template.usedValues) delete context.unusedAttrVals[token];
    return fill(template.tree, template, context);
  };
}
