import { isObject, objectAt, textAt, type Json, type JsonObject } from '../json.ts';
import { StartError } from '../start-error.ts';
import { readConditions } from './conditions.ts';
import { arnSegments } from './matching.ts';
import type { Effect, Principal, Statement } from './rules.ts';

type Refuse = (feature: string) => never;

const ELEMENTS = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Condition', 'Principal']);
const ACTION = /^(\*|[\w-]+:[\w*?]+)$/;

/**
 * The statements of a policy document with resolved intrinsics.
 * @param policy names the policy in messages
 * @throws StartError naming what of the policy language is not modelled, since a guess would prove nothing
 */
export function readPolicyDocument(document: Json | undefined, policy: string): Statement[] {
  const statements = objectAt(document)['Statement'];
  return (Array.isArray(statements) ? statements : statements === undefined ? [] : [statements]).map((one, index) => {
    const refuse: Refuse = (feature) => {
      const place = `${policy} (statement ${index + 1})`;
      throw new StartError(`The policy ${place} uses ${feature}, which the local stack does not know.`);
    };
    return readStatement(objectAt(one), policy, refuse);
  });
}

function readStatement(statement: JsonObject, policy: string, refuse: Refuse): Statement {
  const unknown = Object.keys(statement).find((name) => !ELEMENTS.has(name));
  if (unknown !== undefined) refuse(unknown);
  const actions = textsOf(statement['Action']);
  const strange = actions.find((action) => !ACTION.test(action));
  if (actions.length === 0 || strange !== undefined) refuse(`the action ${String(strange)}`);
  return {
    policy,
    effect: readEffect(statement['Effect'], refuse),
    actions,
    resources: textsOf(statement['Resource']).map((resource) => checkResource(resource, refuse)),
    conditions: readConditions(statement['Condition'], actions, refuse),
    ...(statement['Principal'] !== undefined && { principals: readPrincipals(statement['Principal'], refuse) }),
  };
}

function readEffect(effect: Json | undefined, refuse: Refuse): Effect {
  if (effect === 'Allow' || effect === 'Deny') return effect;
  return refuse(`the effect ${String(effect)}`);
}

function checkResource(resource: string, refuse: Refuse): string {
  if (resource.includes('${')) return refuse(`the policy variable in ${resource}`);
  if (resource !== '*' && arnSegments(resource) === undefined) return refuse(`the resource ${resource}, no whole ARN,`);
  return resource;
}

function readPrincipals(element: Json, refuse: Refuse): Principal[] {
  if (element === '*') return [{ kind: 'everybody' }];
  if (!isObject(element)) return refuse(`the principal ${JSON.stringify(element)}`);
  return Object.entries(element).flatMap(([kind, names]) =>
    textsOf(names).map((name): Principal => {
      if (kind === 'Service') return { kind: 'service', name };
      if (kind === 'AWS' && name === '*') return { kind: 'everybody' };
      if (kind === 'AWS' && /^arn:[^:]+:iam::\d+:role\/./.test(name)) return { kind: 'role', arn: name };
      return refuse(`the principal ${kind} ${name}`);
    }),
  );
}

function textsOf(value: Json | undefined): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map((one) => textAt(one) ?? JSON.stringify(one));
}
