import { isGatewayError, type GatewayError } from '@sluice/kit/errors/gateway-error';
import type { AdmissionRequest } from '../metering/admission.ts';
import { ACCOUNT_SCOPE } from '../metering/measures.ts';
import type { MeteredRequest, Metering } from '../metering/metering.ts';
import { asGatewayError } from './answer.ts';
import { noCredential, type Candidate } from './candidates.ts';

/** Limits of credentials: what all users together may ask of one. Kept by a ledger account of the credential. */
export interface CredentialLimits {
  /** What one answer may have at most by what was taken last; null where no hard limit binds. */
  readonly outputCap: number | null;
  /** Takes what the request may use of the credential; null, or why it cannot be asked now. Never throws. */
  take(candidate: Candidate): Promise<GatewayError | null>;
  /** The request goes on elsewhere. Never throws. */
  giveBack(candidate: Candidate): Promise<void>;
}

export function createCredentialLimits(
  metering: Metering,
  metered: MeteredRequest,
  admission: AdmissionRequest,
): CredentialLimits {
  let outputCap: number | null = null;
  return {
    get outputCap() {
      return outputCap;
    },
    async take(candidate) {
      outputCap = null;
      if (!isLimited(candidate)) return null;
      const scopes = [{ owner: 'credential' as const, scope: ACCOUNT_SCOPE, limits: candidate.limits }];
      try {
        outputCap = await metering.holdFurther(metered, { ...admission, accountId: accountOf(candidate), scopes });
        return null;
      } catch (thrown) {
        // The client has not used up anything: to it, a credential at its limit is one that is not there.
        if (!isGatewayError(thrown) || thrown.status !== 429) return asGatewayError(thrown);
        return noCredential(thrown.retryAfterSeconds, thrown.message);
      }
    },
    giveBack: async (candidate) => {
      if (isLimited(candidate)) await metering.giveBack(metered, accountOf(candidate));
    },
  };
}

function accountOf({ credentialId }: Candidate): string {
  return `credential:${credentialId}`;
}

function isLimited({ limits }: Candidate): boolean {
  for (const _ in limits) return true;
  return false;
}
