/**
 * Decides who may call what, as IAM would within one account: a statement that denies wins, then one that allows is
 * needed, in the caller's role or in the resource's policy
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html).
 */

import { compileConditions, type Context } from './conditions.ts';
import { applies, grantOf } from './grants.ts';
import { compileAction, compileArn } from './matching.ts';
import { principalName, type AccessRules, type Identity, type Principal, type Statement } from './rules.ts';

/** One thing that somebody wants to do. */
export interface AccessCall {
  /** Undefined for a call without a signature. */
  readonly accessKeyId: string | undefined;
  /** `dynamodb:PutItem`. */
  readonly action: string;
  /** An ARN, or `*` where the service has none. */
  readonly resource: string;
  /** Condition keys of this call; asked only when a statement has conditions. */
  readonly context?: () => Context;
}

/** A call that was refused. */
export interface Denial {
  /** `relay`, or the access key id when nobody is known by it. */
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
  /** The caller is not known at all. */
  readonly isUnknown: boolean;
  /** In AWS's words. */
  readonly message: string;
}

export interface AccessControl {
  /** Undefined when the call may go on. */
  check(call: AccessCall): Denial | undefined;
  /** The same question without a report: services ask it to choose between two answers. */
  allows(call: AccessCall): boolean;
  /** Puts rules in force; until then only operators may call. */
  load(rules: AccessRules): void;
}

export interface AccessOptions {
  /** Access key ids that may do everything: the runner's own. */
  readonly operators: readonly string[];
  /** Told once of each grant that a call needed (grants.ts). */
  onUse?(grant: string): void;
  onDenied?(denial: Denial): void;
}

/** One statement that fits an action and a resource. */
interface Candidate {
  readonly effect: Statement['effect'];
  readonly grants: readonly string[];
  readonly holds: ((context: Context) => boolean) | undefined;
}

interface Caller {
  readonly name: string;
  readonly arn: string;
  readonly context: Context;
  readonly isKnown: boolean;
  candidates(action: string, resource: string): readonly Candidate[];
}

type Verdict = 'allowed' | 'denied' | 'not allowed';

/** Objects have as many names as there are objects: a full memory of answers is emptied. */
const MOST_ANSWERS = 5000;

export function createAccessControl(options: AccessOptions): AccessControl {
  const operators = new Set<string | undefined>(options.operators);
  const used = new Set<string>();
  let callers = new Map<string | undefined, Caller>();
  let nobody: Caller | undefined;

  const use = (grants: readonly string[]): void => {
    for (const grant of grants) {
      if (used.has(grant)) continue;
      used.add(grant);
      options.onUse?.(grant);
    }
  };
  const decide = (caller: Caller, call: AccessCall): Verdict => {
    let verdict: Verdict = 'not allowed';
    let context: Context | undefined;
    const needed: (readonly string[])[] = [];
    for (const { effect, holds, grants } of caller.candidates(call.action, call.resource)) {
      if (holds !== undefined) {
        context ??= { ...caller.context, ...call.context?.() };
        if (!holds(context)) continue;
      }
      if (effect === 'Deny') return 'denied';
      verdict = 'allowed';
      needed.push(grants);
    }
    for (const grants of needed) use(grants);
    return verdict;
  };
  const callerOf = ({ accessKeyId }: AccessCall): Caller =>
    (accessKeyId === undefined ? nobody : callers.get(accessKeyId)) ?? unknownCaller(accessKeyId);

  return {
    check: (call) => {
      if (operators.has(call.accessKeyId)) return undefined;
      const caller = callerOf(call);
      const verdict = decide(caller, call);
      if (verdict === 'allowed') return undefined;
      const denial = describe(caller, call, verdict);
      options.onDenied?.(denial);
      return denial;
    },
    allows: (call) => operators.has(call.accessKeyId) || decide(callerOf(call), call) === 'allowed',
    load: (rules) => {
      callers = new Map(rules.identities.map((identity) => [identity.accessKeyId, createCaller(identity, rules)]));
      nobody = createAnonymous(rules);
    },
  };
}

/** TLS is the CDN's and AWS's; on one machine the loopback stands for it. */
const EVERY_CALL: Context = { 'aws:securetransport': ['true'] };

function createCaller(identity: Identity, rules: AccessRules): Caller {
  const own = identity.statements.map((statement) => compileStatement(statement, identity.name));
  const given = rules.resourceStatements.flatMap((statement) => {
    const principal = statement.principals?.find((one) => isAbout(one, identity.principal));
    return principal === undefined ? [] : [compileStatement(statement, principalName(principal))];
  });
  const context = Object.fromEntries(Object.entries(identity.context).map(([key, value]) => [key, [value]]));
  return {
    name: identity.name,
    arn: identity.arn,
    isKnown: true,
    context: { ...EVERY_CALL, ...context },
    candidates: remember([...own, ...given]),
  };
}

function createAnonymous({ resourceStatements }: AccessRules): Caller {
  const open = resourceStatements.filter(({ principals }) => principals?.some(({ kind }) => kind === 'everybody'));
  return {
    name: 'anonymous',
    arn: 'anonymous',
    isKnown: true,
    context: EVERY_CALL,
    candidates: remember(open.map((statement) => compileStatement(statement, 'everybody'))),
  };
}

function unknownCaller(accessKeyId: string | undefined): Caller {
  const name = accessKeyId ?? 'anonymous';
  return { name, arn: name, isKnown: false, context: EVERY_CALL, candidates: () => [] };
}

function isAbout(principal: Principal, caller: Principal): boolean {
  if (principal.kind === 'everybody') return true;
  return principal.kind === caller.kind && principalName(principal) === principalName(caller);
}

type CompiledStatement = (action: string, resource: string) => Candidate | undefined;

function compileStatement(statement: Statement, holder: string): CompiledStatement {
  const actions = statement.actions.map((pattern) => ({ pattern, matches: compileAction(pattern) }));
  const resources = statement.resources.map((pattern) => ({ pattern, matches: compileArn(pattern) }));
  const holds = statement.conditions.length === 0 ? undefined : compileConditions(statement.conditions);
  return (action, resource) => {
    const fittingActions = actions.filter(({ matches }) => matches(action));
    const fittingResources = resources.filter(({ matches }) => matches(resource));
    if (fittingActions.length === 0 || fittingResources.length === 0) return undefined;
    const grants = fittingActions.flatMap((one) =>
      fittingResources
        .filter((other) => applies(one.pattern, other.pattern))
        .map((other) => grantOf(holder, one.pattern, other.pattern, statement.conditions)),
    );
    return { effect: statement.effect, grants, holds };
  };
}

/** A store asks the same few questions all the time. */
function remember(statements: readonly CompiledStatement[]): Caller['candidates'] {
  const answers = new Map<string, readonly Candidate[]>();
  return (action, resource) => {
    const question = `${action} ${resource}`;
    const known = answers.get(question);
    if (known !== undefined) return known;
    const found = statements.flatMap((statement) => statement(action, resource) ?? []);
    if (answers.size >= MOST_ANSWERS) answers.clear();
    answers.set(question, found);
    return found;
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function describe(caller: Caller, { action, resource }: AccessCall, verdict: Verdict): Denial {
  const reason =
    verdict === 'denied'
      ? 'with an explicit deny in a policy'
      : `because no identity-based policy allows the ${action} action`;
  return {
    caller: caller.name,
    action,
    resource,
    isUnknown: !caller.isKnown,
    message: `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
  };
}
