import type { ApiDocument, DescribedOperation, Schema } from './api/openapi.ts';

/** One call of the API. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  tag: string;
  summary: string;
  /** Who may call it: anybody, whoever has a key, whoever is signed in with this right. */
  caller: { kind: 'anybody' } | { kind: 'key' } | { kind: 'session'; permission: string | null };
  parameters: NonNullable<DescribedOperation['parameters']>;
  body: Schema | null;
  isBodyRequired: boolean;
  answers: { status: string; description: string; schema: Schema | null }[];
}

/** All calls in the document's order. */
export function operationsOf(document: ApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      id: described.operationId,
      method: method.toUpperCase(),
      path,
      tag: described.tags[0] ?? '',
      summary: described.summary,
      caller: callerOf(described),
      parameters: described.parameters ?? [],
      body: schemaOf(described.requestBody?.content),
      isBodyRequired: described.requestBody?.required === true,
      answers: Object.entries(described.responses).map(([status, answer]) => ({
        status,
        description: answer.description,
        schema: schemaOf(answer.content),
      })),
    })),
  );
}

function callerOf({ security, description = '' }: DescribedOperation): Operation['caller'] {
  if (security.length === 0) return { kind: 'anybody' };
  if (security.some((scheme) => 'apiKey' in scheme)) return { kind: 'key' };
  return { kind: 'session', permission: /Permission: `([^`]+)`/.exec(description)?.[1] ?? null };
}

function schemaOf(content: Record<string, { schema: Schema }> | undefined): Schema | null {
  return Object.values(content ?? {})[0]?.schema ?? null;
}

/** Those that have every word of `text` somewhere in method, path, summary, tag or right. */
export function findOperations(operations: readonly Operation[], text: string): Operation[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return operations.filter((operation) => {
    const { method, path, summary, tag, id, caller } = operation;
    const right = caller.kind === 'session' ? (caller.permission ?? '') : '';
    const all = `${method} ${path} ${summary} ${tag} ${id} ${right}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** By tag, tags in the order of their first call. */
export function byTag(operations: readonly Operation[]): Map<string, Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const group = groups.get(operation.tag);
    if (group) group.push(operation);
    else groups.set(operation.tag, [operation]);
  }
  return groups;
}
