/**
 * What the local stack knows of permissions, as plain data: read from the template by the runner (roles.ts), handed to
 * the store's process as JSON, decided upon by access.ts.
 */

/** What the runner itself signs with; it may do everything. */
export const OPERATOR = 'sluice-runner';

export type Effect = 'Allow' | 'Deny';

/** One operator of a statement on one condition key. */
export interface Condition {
  readonly operator: 'StringEquals' | 'StringLike' | 'ArnEquals' | 'ArnLike' | 'Bool';
  /** How the operator deals with keys of several values; absent for keys of one. */
  readonly quantifier?: 'ForAllValues' | 'ForAnyValue';
  /** In lower case: condition keys know no case. */
  readonly key: string;
  readonly values: readonly string[];
}

export interface Statement {
  /** The policy that it stands in, for messages. */
  readonly policy: string;
  readonly effect: Effect;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** All must hold. */
  readonly conditions: readonly Condition[];
  /** Whom it is about; absent in the policies of a role. */
  readonly principals?: readonly Principal[];
}

export type Principal =
  | { readonly kind: 'everybody' }
  | { readonly kind: 'role'; readonly arn: string }
  | { readonly kind: 'service'; readonly name: string };

/** A role's ARN, a service's name. */
export function principalName(principal: Principal): string {
  if (principal.kind === 'everybody') return 'everybody';
  return principal.kind === 'role' ? principal.arn : principal.name;
}

/** Somebody who calls AWS, known by the access key id of the signature. */
export interface Identity {
  readonly accessKeyId: string;
  /** `relay`, `schedule sweep-holds`: as people know it. */
  readonly name: string;
  readonly principal: Exclude<Principal, { kind: 'everybody' }>;
  /** As AWS names the caller in its refusals. */
  readonly arn: string;
  /** The statements of its role. */
  readonly statements: readonly Statement[];
  /** Condition keys that go with each of its calls, in lower case. */
  readonly context: Readonly<Record<string, string>>;
}

export interface AccessRules {
  readonly region: string;
  readonly accountId: string;
  readonly identities: readonly Identity[];
  /** Statements of bucket policies. */
  readonly resourceStatements: readonly Statement[];
  /** Attribute of the partition key by table name. */
  readonly partitionKeys: Readonly<Record<string, string>>;
}
