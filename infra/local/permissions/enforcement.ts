import { shortResource } from './matching.ts';
import { listGrants } from './grants.ts';
import { appendGrant, openRecord } from './records.ts';
import { createAccessControl, type AccessControl, type Denial } from './access.ts';
import { OPERATOR, type AccessRules } from './rules.ts';
import type { StandInCall, StoreProcessOptions } from '../store/interfaces.ts';
import { awsFailure } from '../store/stand-ins/aws-failure.ts';

export interface EnforcementOptions {
  /** Where used grants are written down for a report (records.ts). */
  readonly recordDirectory: string | undefined;
  /** Told of each refusal, one at a time. */
  onDenied(denial: Denial): void;
}

/** The permissions of one stack, as the runner holds them for itself and for the store's process. */
export interface Enforcement {
  readonly access: AccessControl;
  /** What a store's process starts with, now. */
  forStore(): NonNullable<StoreProcessOptions['permissions']>;
  load(rules: AccessRules): void;
  /** Refuses a call to a stand-in by throwing. */
  checkStandIn(call: StandInCall): void;
}

export function createEnforcement({ recordDirectory, onDenied }: EnforcementOptions): Enforcement {
  let rules: AccessRules | undefined;
  let fileOf: ((processName: string) => string) | undefined;
  const access = createAccessControl({
    operators: [OPERATOR],
    onUse: (grant) => appendGrant(fileOf?.(`runner-${process.pid}`), grant),
    onDenied,
  });
  return {
    access,
    forStore: () => {
      const recordFile = fileOf?.(`store-${process.pid}`);
      return { ...(rules !== undefined && { rules }), ...(recordFile !== undefined && { recordFile }) };
    },
    load: (given) => {
      rules = given;
      if (recordDirectory !== undefined) fileOf = openRecord(recordDirectory, listGrants(given));
      access.load(given);
    },
    checkStandIn: (call) => {
      const denial = access.check({
        accessKeyId: call.accessKeyId,
        action: `${call.service}:${ACTIONS[call.operation] ?? call.operation}`,
        resource: call.arn,
      });
      if (denial === undefined) return;
      const status = call.service === 'secretsmanager' ? 400 : 403;
      if (!denial.isUnknown) throw awsFailure('AccessDeniedException', denial.message, status);
      throw awsFailure('UnrecognizedClientException', 'The security token included in the request is invalid.', status);
    },
  };
}

/** Actions that are called otherwise than their operations. */
const ACTIONS: Readonly<Record<string, string>> = { Invoke: 'InvokeFunction' };

/** For the person at the terminal, and for the log of the function. */
export function describeDenial({ caller, action, resource, isUnknown }: Denial): string {
  if (isUnknown) return `permissions: ${caller}, whom no role of the template knows, asked for ${action}: refused.`;
  return `permissions: ${caller} may not ${action} on ${shortResource(resource)}: no grant of the template allows it.`;
}
