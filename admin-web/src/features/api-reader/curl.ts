import { quoteForShell, shellWord } from '../../lib/snippets.ts';
import type { Schema } from './api/openapi.ts';
import type { Operation } from './operations.ts';
import { resolve, withoutNull, type Schemas } from './schema.ts';

const DEEPEST = 4;

/** A value that fits: what must be given, with the first of what may be chosen. */
export function exampleOf(given: Schema, schemas: Schemas, depth = 0): unknown {
  const { schema } = withoutNull(given, schemas);
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice) return exampleOf(resolve(choice, schemas), schemas, depth + 1);
  if (schema.type === 'array' || schema.items) {
    return schema.items && depth < DEEPEST ? [exampleOf(schema.items, schemas, depth + 1)] : [];
  }
  if (schema.type === 'object' || schema.properties) return exampleObject(schema, schemas, depth);
  return exampleScalar(schema);
}

function exampleObject(schema: Schema, schemas: Schemas, depth: number): Record<string, unknown> {
  if (depth >= DEEPEST) return {};
  const required = new Set(schema.required ?? []);
  const wanted = Object.entries(schema.properties ?? {}).filter(([name]) => required.has(name));
  return Object.fromEntries(wanted.map(([name, property]) => [name, exampleOf(property, schemas, depth + 1)]));
}

const BY_FORMAT: Record<string, string> = {
  'date-time': '2027-01-31T12:00:00Z',
  date: '2027-01-31',
  email: 'name@example.com',
  uri: 'https://example.com',
};

function exampleScalar(schema: Schema): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, 1);
  return BY_FORMAT[schema.format ?? ''] ?? 'string';
}

/** The call for a terminal. Names in the path stay as they are, in capitals; only parameters that must be given are. */
export function curlOf(operation: Operation, given: { origin: string; schemas: Schemas }): string {
  const { method, path, caller, parameters, body } = operation;
  const query = parameters
    .filter((parameter) => parameter.in === 'query' && parameter.required)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(String(exampleOf(schema, given.schemas)))}`);
  const named = path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => name.toUpperCase());
  const address = `${given.origin}${named}${query.length > 0 ? `?${query.join('&')}` : ''}`;
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}${shellWord(address)}`];
  if (caller.kind === 'key') lines.push(`-H "authorization: Bearer $SLUICE_KEY"`);
  if (caller.kind === 'session') lines.push(`-H "authorization: Bearer $ACCESS_TOKEN"`);
  if (body) {
    const example = JSON.stringify(exampleOf(body, given.schemas), null, 2);
    lines.push(`-H 'content-type: application/json'`, `-d '${quoteForShell(example)}'`);
  }
  return lines.join(' \\\n  ');
}
