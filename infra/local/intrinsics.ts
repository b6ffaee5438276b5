import { isObject, listAt, objectAt, textAt, type Json, type JsonObject } from './json.ts';
import { StartError } from './start-error.ts';

/** How one stack's names are looked up; everything else about a template is evaluated here. */
export interface ResolverScope {
  readonly stackName: string;
  readonly template: JsonObject;
  readonly region: string;
  readonly accountId: string;
  /** `attribute` undefined asks for what `Ref` yields. Undefined means that this stack knows no such value. */
  attribute(logicalId: string, attribute: string | undefined): string | undefined;
  /** An export of another stack by its name, for Fn::ImportValue. */
  exportValue(name: string): Json | undefined;
  /** Another stack's output, for Fn::GetStackOutput. */
  stackOutput(stackName: string, outputName: string): Json | undefined;
  /** The SecretString of a secret by name or ARN, for `{{resolve:secretsmanager:…}}`. */
  secretString(nameOrArn: string): string | undefined;
}

export interface Resolver {
  /** The value with every intrinsic replaced; `AWS::NoValue` members are gone. */
  resolve(value: Json): Json;
  /** Whether a condition of the template holds; true for no name at all. */
  condition(name: string | undefined): boolean;
}

/** `undefined` stands for AWS::NoValue: the member that holds it is dropped. */
type Resolved = Json | undefined;
type Intrinsic = (argument: Json, context: Context) => Resolved;

interface Context {
  readonly scope: ResolverScope;
  readonly where: string;
  evaluate(value: Json): Resolved;
  condition(name: string): boolean;
}

/** The intrinsic functions that the local stack knows; a template with any other stops the start. */
const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, context) => reference(String(argument), context),
  'Fn::GetAtt': getAttribute,
  'Fn::Sub': substitute,
  'Fn::Join': (argument, context) => {
    const [separator = '', parts = []] = listAt(argument);
    return strings(context.evaluate(parts), context, 'Fn::Join').join(String(separator));
  },
  'Fn::Select': (argument, context) => {
    const [index = 0, items = []] = listAt(argument);
    const list = listAt(context.evaluate(items));
    const item = list[Number(context.evaluate(index))];
    return item ?? fail(context, `Fn::Select finds no element ${JSON.stringify(index)}`);
  },
  'Fn::Split': (argument, context) => {
    const [separator = '', text = ''] = listAt(argument);
    return String(context.evaluate(text)).split(String(separator));
  },
  'Fn::FindInMap': findInMap,
  'Fn::If': (argument, context) => {
    const [name = '', whenTrue = null, whenFalse = null] = listAt(argument);
    return context.evaluate(context.condition(String(name)) ? whenTrue : whenFalse);
  },
  'Fn::ImportValue': (argument, context) => {
    const name = String(context.evaluate(argument));
    return context.scope.exportValue(name) ?? fail(context, `no stack exports "${name}"`);
  },
  'Fn::GetStackOutput': (argument, context) => {
    const { StackName, OutputName } = objectAt(context.evaluate(argument));
    const value = context.scope.stackOutput(String(StackName), String(OutputName));
    return value ?? fail(context, `stack ${String(StackName)} has no output ${String(OutputName)}`);
  },
};

/** Functions that only conditions may use. */
const CONDITION_FUNCTIONS = ['Fn::Equals', 'Fn::And', 'Fn::Or', 'Fn::Not', 'Condition'];

/** Evaluates the intrinsic functions of one stack's template. @throws StartError naming what it does not know. */
export function createResolver(scope: ResolverScope): Resolver {
  const conditions = objectAt(scope.template['Conditions']);
  const condition = (name: string): boolean => {
    const expression = conditions[name];
    if (expression === undefined) throw new StartError(`${scope.stackName}: the condition "${name}" is not defined.`);
    return evaluateCondition(expression, contextAt(`Conditions.${name}`));
  };
  const contextAt = (where: string): Context => {
    const context: Context = { scope, where, condition, evaluate: (value) => evaluate(value, context) };
    return context;
  };
  return {
    resolve: (value) => contextAt('Resources').evaluate(value) ?? null,
    condition: (name) => name === undefined || condition(name),
  };
}

/** Names every intrinsic function in `value` that is not supported. */
export function unknownIntrinsics(value: Json): string[] {
  const found = new Set<string>();
  const visit = (node: Json): void => {
    if (Array.isArray(node)) node.forEach(visit);
    if (!isObject(node)) return;
    for (const [name, child] of Object.entries(node)) {
      if (name.startsWith('Fn::') && !(name in INTRINSICS) && !CONDITION_FUNCTIONS.includes(name)) found.add(name);
      visit(child);
    }
  };
  visit(value);
  return [...found];
}

/** Logical ids that `value` refers to by Ref, Fn::GetAtt or Fn::Sub. */
export function referencesIn(value: Json): Set<string> {
  const found = new Set<string>();
  const visit = (node: Json): void => {
    if (Array.isArray(node)) node.forEach(visit);
    if (!isObject(node)) return;
    for (const [name, child] of Object.entries(node)) {
      if (name === 'Ref') found.add(String(child));
      else if (name === 'Fn::GetAtt') found.add(attributePath(child).logicalId);
      else if (name === 'Fn::Sub') for (const id of substitutionIds(child)) found.add(id);
      visit(child);
    }
  };
  visit(value);
  return found;
}

function evaluate(value: Json, context: Context): Resolved {
  if (typeof value === 'string') return resolveDynamicReferences(value, context);
  if (Array.isArray(value)) return value.map((item) => context.evaluate(item)).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  const [name, ...others] = Object.keys(value);
  if (name !== undefined && others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) {
    const intrinsic = INTRINSICS[name] ?? fail(context, `the intrinsic function ${name} is not supported locally`);
    const result = intrinsic(value[name] ?? null, context);
    return typeof result === 'string' ? resolveDynamicReferences(result, context) : result;
  }
  const members: Record<string, Json> = {};
  for (const [member, child] of Object.entries(value)) {
    const resolved = context.evaluate(child);
    if (resolved !== undefined) members[member] = resolved;
  }
  return members;
}

function reference(name: string, context: Context): Resolved {
  const { scope } = context;
  const known = pseudoParameter(name, scope);
  if (known !== undefined) return known.value;
  const parameter = objectAt(scope.template['Parameters'])[name];
  if (parameter !== undefined)
    return objectAt(parameter)['Default'] ?? fail(context, `parameter ${name} has no default`);
  return scope.attribute(name, undefined) ?? fail(context, `Ref "${name}" has no value here`);
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html */
function pseudoParameter(name: string, scope: ResolverScope): { value: Resolved } | undefined {
  switch (name) {
    case 'AWS::Region':
      return { value: scope.region };
    case 'AWS::AccountId':
      return { value: scope.accountId };
    case 'AWS::Partition':
      return { value: 'aws' };
    case 'AWS::URLSuffix':
      return { value: 'amazonaws.com' };
    case 'AWS::StackName':
      return { value: scope.stackName };
    case 'AWS::StackId':
      return { value: `arn:aws:cloudformation:${scope.region}:${scope.accountId}:stack/${scope.stackName}/local` };
    case 'AWS::NotificationARNs':
      return { value: [] };
    case 'AWS::NoValue':
      return { value: undefined };
    default:
      return undefined;
  }
}

function getAttribute(argument: Json, context: Context): Resolved {
  const { logicalId, attribute } = attributePath(argument);
  return context.scope.attribute(logicalId, attribute) ?? fail(context, `${logicalId}.${attribute} has no value here`);
}

function attributePath(argument: Json): { logicalId: string; attribute: string } {
  const [logicalId = '', ...rest] = typeof argument === 'string' ? argument.split('.') : listAt(argument).map(String);
  return { logicalId, attribute: rest.join('.') };
}

const SUBSTITUTION = /\$\{(!?)([^}]*)\}/g;

function substitute(argument: Json, context: Context): Resolved {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  return String(text).replace(SUBSTITUTION, (_whole, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    const variable = objectAt(variables)[name];
    if (variable !== undefined) return String(context.evaluate(variable));
    const value =
      name.startsWith('AWS::') || !name.includes('.') ? reference(name, context) : getAttribute(name, context);
    return String(value);
  });
}

function substitutionIds(argument: Json): string[] {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const names = [...String(text).matchAll(SUBSTITUTION)]
    .filter((match) => match[1] !== '!')
    .map((match) => match[2] ?? '');
  return names.filter((name) => !(name in objectAt(variables))).map((name) => attributePath(name).logicalId);
}

function findInMap(argument: Json, context: Context): Resolved {
  const path = listAt(argument)
    .slice(0, 3)
    .map((part) => String(context.evaluate(part)));
  let node: Json | undefined = context.scope.template['Mappings'];
  for (const key of path) node = objectAt(node)[key];
  return node ?? fail(context, `Fn::FindInMap finds nothing at ${path.join('.')}`);
}

function evaluateCondition(expression: Json, context: Context): boolean {
  const [name = '', argument = null] = Object.entries(objectAt(expression))[0] ?? [];
  const operands = (): boolean[] => listAt(argument).map((operand) => evaluateCondition(operand, context));
  switch (name) {
    case 'Condition':
      return context.condition(String(argument));
    case 'Fn::Equals': {
      const [left = null, right = null] = listAt(argument);
      return JSON.stringify(context.evaluate(left)) === JSON.stringify(context.evaluate(right));
    }
    case 'Fn::And':
      return operands().every(Boolean);
    case 'Fn::Or':
      return operands().some(Boolean);
    case 'Fn::Not':
      return !operands().every(Boolean);
    default:
      return fail(context, `the condition function ${name || JSON.stringify(expression)} is not supported locally`);
  }
}

const DYNAMIC_REFERENCE = /\{\{resolve:([^}]*)\}\}/g;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html */
function resolveDynamicReferences(text: string, context: Context): string {
  if (!text.includes('{{resolve:')) return text;
  return text.replace(DYNAMIC_REFERENCE, (whole, body: string) => {
    const match = /^secretsmanager:(arn:(?:[^:]*:){5}[^:]*|[^:]*):SecretString(?::([^:]*))?(?::[^:]*){0,2}$/.exec(body);
    if (match === null) return fail(context, `the dynamic reference ${whole} is not supported locally`);
    const [, secretId = '', key = ''] = match;
    const secret = context.scope.secretString(secretId) ?? fail(context, `there is no secret ${secretId}`);
    if (key === '') return secret;
    const value = textAt(objectAt(JSON.parse(secret))[key]);
    return value ?? fail(context, `the secret ${secretId} has no key "${key}"`);
  });
}

function strings(value: Resolved, context: Context, name: string): string[] {
  if (!Array.isArray(value)) return fail(context, `${name} needs a list`);
  return value.map((item) => (typeof item === 'object' ? fail(context, `${name} needs texts`) : String(item)));
}

function fail(context: Context, reason: string): never {
  throw new StartError(`${context.scope.stackName} (${context.where}): ${reason}.`);
}
