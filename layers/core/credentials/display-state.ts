import { ALL_MODELS, type PoolState, type RestReason } from './pool-state.ts';
import type { Credential } from './store.ts';

/** In the order in which they are checked: the first that holds is shown. */
export const DISPLAY_STATES = ['invalid', 'disabled', 'cooling', 'unknown', 'exhausted', 'active'] as const;
export type DisplayState = (typeof DISPLAY_STATES)[number];

export interface DisplayedState {
  state: DisplayState;
  reason: RestReason | 'disabled_by_operator' | 'disabled_by_owner' | 'own_limit' | null;
  /** End of the rest, epoch milliseconds; null where it has none. */
  until: number | null;
  /** The upstream's name of the only model concerned; null when all are. */
  model: string | null;
}

/** What of a credential tells its state. */
export type Shown = Pick<Credential, 'enabled' | 'secretDigest'> & {
  /** Since when its refresh token is refused for good. */
  invalid?: { at: number; reason: string } | null | undefined;
  /** Since when nobody knows whether its refresh token is used up. It serves until its access token is over. */
  ambiguous?: { at: number; reason: string } | null | undefined;
  /** The user whose it is has switched it off; who of both has is told where only one has. */
  disabledByOwner?: boolean | undefined;
  /** The limits that the operator gave it leave nothing until then; null or absent: they do. */
  spent?: { until: number | null } | null | undefined;
};

/**
 * What a credential's state is at this moment; computed on read, never stored. `unknown` is a rest that is over while
 * no call has proven the credential since.
 */
export function displayState(credential: Shown, states: readonly PoolState[], nowMs: number): DisplayedState {
  const open = states
    .filter((state) => concerns(state, credential.secretDigest))
    .toSorted((left, right) => right.until - left.until);
  const find = (state: DisplayState, test: (candidate: PoolState) => boolean): DisplayedState | null => {
    const found = open.find(test);
    if (found === undefined) return null;
    const model = found.model === ALL_MODELS ? null : found.model;
    return { state, reason: found.reason, until: found.until, model };
  };
  const refused: DisplayedState | null = credential.invalid
    ? { state: 'invalid', reason: 'credential_invalid', until: null, model: null }
    : null;
  return (
    refused ??
    find('invalid', ({ reason, model }) => reason === 'credential_invalid' && model === ALL_MODELS) ??
    (credential.enabled ? null : { state: 'disabled', reason: whoDisabled(credential), until: null, model: null }) ??
    find('cooling', (state) => state.until > nowMs && !isSpent(state)) ??
    find('unknown', (state) => state.until <= nowMs) ??
    find('exhausted', isSpent) ??
    spentBy(credential) ?? { state: 'active', reason: null, until: null, model: null }
  );
}

function spentBy({ spent }: Shown): DisplayedState | null {
  return spent ? { state: 'exhausted', reason: 'own_limit', until: spent.until, model: null } : null;
}

function whoDisabled({ disabledByOwner }: Shown): 'disabled_by_operator' | 'disabled_by_owner' {
  return disabledByOwner === true ? 'disabled_by_owner' : 'disabled_by_operator';
}

/** A healthy state says nothing, and a replaced secret is not held to what the old one did. */
export function concerns(state: PoolState, secretDigest: string): boolean {
  return state.failures > 0 && state.secretDigest === secretDigest;
}

function isSpent({ reason }: PoolState): boolean {
  return reason === 'quota_exhausted' || reason === 'payment_required';
}
