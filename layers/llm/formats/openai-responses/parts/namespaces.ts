import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import { looseArray, looseString } from '../../reading.ts';

/**
 * This API groups tools in namespaces; no other one does. Elsewhere a tool of a namespace is called
 * `<namespace>__<tool>`, and calls of it are told apart again by what the client declared.
 */
export function flatName(namespace: string, name: string): string {
  return `${namespace}__${name}`;
}

export interface NamespacedName {
  namespace: string;
  name: string;
}

/** Flat name → the client's, of all namespaces that a request declares, in its tools or in its input. */
export function readNamespaces(body: JsonObject | null): ReadonlyMap<string, NamespacedName> {
  const names = new Map<string, NamespacedName>();
  if (body === null) return names;
  addNamespaces(names, body['tools']);
  for (const item of looseArray(body['input'])) {
    if (isJsonObject(item) && item['tools'] !== undefined) addNamespaces(names, item['tools']);
  }
  return names;
}

function addNamespaces(names: Map<string, NamespacedName>, tools: Json | undefined): void {
  for (const tool of looseArray(tools)) {
    if (!isJsonObject(tool) || tool['type'] !== 'namespace') continue;
    const namespace = looseString(tool['name']);
    if (namespace === null) continue;
    for (const member of looseArray(tool['tools'])) {
      const name = isJsonObject(member) ? looseString(member['name']) : null;
      if (name !== null) names.set(flatName(namespace, name), { namespace, name });
    }
  }
}
