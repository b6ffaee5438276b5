import type { Json } from '../json.ts';
import { isObject } from '../json.ts';
import { compileArn, compileText } from './matching.ts';
import type { Condition } from './rules.ts';

/** Condition keys of one call, in lower case, each with its values. */
export type Context = Readonly<Record<string, readonly string[]>>;

const OPERATORS = ['StringEquals', 'StringLike', 'ArnEquals', 'ArnLike', 'Bool'] as const;
const QUANTIFIERS = ['ForAllValues', 'ForAnyValue'] as const;

/** The values of a table's partition key that a call touches. */
export const LEADING_KEYS = 'dynamodb:leadingkeys';
/** Operations whose leading keys are told. */
const LEADING_KEY_ACTIONS = new Set(
  [
    'GetItem',
    'PutItem',
    'UpdateItem',
    'DeleteItem',
    'ConditionCheckItem',
    'BatchGetItem',
    'BatchWriteItem',
    'Query',
  ].map((name) => `dynamodb:${name}`.toLowerCase()),
);
const KEYS = new Set([LEADING_KEYS, 'aws:securetransport', 'aws:sourcearn', 'aws:sourceaccount', 's3:x-amz-acl']);

/** @param refuse ends the start with the feature's name. */
export function readConditions(
  element: Json | undefined,
  actions: readonly string[],
  refuse: (feature: string) => never,
): Condition[] {
  if (element === undefined) return [];
  if (!isObject(element)) return refuse('a Condition that is no object');
  return Object.entries(element).flatMap(([name, block]) => {
    const { operator, quantifier } = readOperator(name, refuse);
    if (!isObject(block)) return refuse(`the condition ${name} without keys`);
    return Object.entries(block).map(([given, value]) => {
      const key = given.toLowerCase();
      if (!KEYS.has(key)) return refuse(`the condition key ${given}`);
      if (key === LEADING_KEYS) requireLeadingKeyActions(actions, refuse);
      const values = (Array.isArray(value) ? value : [value]).map(String);
      if (values.some((text) => text.includes('${'))) return refuse(`a policy variable in the condition on ${given}`);
      return { operator, ...(quantifier !== undefined && { quantifier }), key, values };
    });
  });
}

function readOperator(name: string, refuse: (feature: string) => never): Pick<Condition, 'operator' | 'quantifier'> {
  const [first = '', second] = name.split(':');
  const operator = OPERATORS.find((one) => one === (second ?? first));
  const quantifier = QUANTIFIERS.find((one) => one === first);
  if (operator === undefined || (second !== undefined && quantifier === undefined)) {
    return refuse(`the condition operator ${name}`);
  }
  return { operator, ...(quantifier !== undefined && { quantifier }) };
}

function requireLeadingKeyActions(actions: readonly string[], refuse: (feature: string) => never): void {
  const other = actions.find((action) => !LEADING_KEY_ACTIONS.has(action.toLowerCase()));
  if (other !== undefined) refuse(`the condition key dynamodb:LeadingKeys for ${other}`);
}

/** All conditions of a statement as one question. */
export function compileConditions(conditions: readonly Condition[]): (context: Context) => boolean {
  const compiled = conditions.map(compileCondition);
  return (context) => compiled.every((holds) => holds(context));
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function compileCondition({ operator, quantifier, key, values }: Condition): (context: Context) => boolean {
  const matchers = values.map((value) => compileValue(operator, value));
  const isWanted = (given: string): boolean => matchers.some((matches) => matches(given));
  // A key that a call does not have: no value of it is wrong, and none is right.
  if (quantifier === 'ForAllValues') return (context) => (context[key] ?? []).every(isWanted);
  return (context) => (context[key] ?? []).some(isWanted);
}

function compileValue(operator: Condition['operator'], value: string): (given: string) => boolean {
  switch (operator) {
    case 'StringEquals':
      return (given) => given === value;
    case 'StringLike':
      return compileText(value);
    case 'ArnEquals':
    case 'ArnLike':
      return compileArn(value);
    case 'Bool':
      return (given) => given.toLowerCase() === value.toLowerCase();
  }
}
