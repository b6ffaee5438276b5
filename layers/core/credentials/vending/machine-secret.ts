import { randomBytes } from 'node:crypto';

/*
 * What machines present for tokens, as `X-API-Secret` (contracts.md §3.1). One has a name and up to two values that are
 * valid: the present one and, while a rotation goes on, the one before.
 * `layers/aws/tables/machine-secrets.ts` implements the store.
 */

/** One value, without telling it. */
export interface MachineValue {
  /** HMAC under the pepper of this version. */
  digest: string;
  pepperVersion: string;
  /** Enough of it to tell it from others. */
  preview: string;
  /** Epoch milliseconds, as all instants here. */
  createdAt: number;
}

export interface MachineSecret {
  /** Unique; never changed. */
  name: string;
  enabled: boolean;
  /** −1 = unlimited, 0 = blocked. */
  requestsPerMinute: number;
  current: MachineValue;
  /** Valid beside the present one until then. */
  previous: (MachineValue & { validUntil: number }) | null;
  /** Rises with every change. */
  revision: number;
  createdAt: number;
  updatedAt: number;
}

export interface MachineSecretStore {
  /** All; they are few. */
  list(): Promise<MachineSecret[]>;
  find(name: string): Promise<MachineSecret | null>;
  /** Revision 1 is a new one; every other changes the one of the revision before. False: it stands otherwise. */
  put(secret: MachineSecret): Promise<boolean>;
  delete(name: string): Promise<boolean>;
  /** When values were last presented, epoch milliseconds by the start of the digest (`useName`). */
  listUses(): Promise<Map<string, number>>;
}

/** What the vault may do with them. */
export interface MachineSecretUses {
  noteUse(digest: string, at: number): Promise<void>;
}

export const MOST_MACHINE_SECRETS = 50;
export const DEFAULT_REQUESTS_PER_MINUTE = 600;

/** What is digested of a value: no digest of a key of ours is one of a machine's. */
export function machineText(secret: string): string {
  return `machine secret ${secret}`;
}

/** Names a value in the list of uses. */
export function useName(digest: string): string {
  return digest.slice(0, 24);
}

/** 256 random bits. */
export function generateMachineSecret(): string {
  return `sk-machine-${randomBytes(32).toString('base64url')}`;
}

/** Another value in place of the present one, which stays valid until then beside it; null: not a moment longer. */
export function rotated(
  secret: MachineSecret,
  value: MachineValue,
  { now, previousUntil }: { now: number; previousUntil: number | null },
): MachineSecret {
  const previous = previousUntil === null ? null : { ...secret.current, validUntil: previousUntil };
  return { ...secret, current: value, previous, revision: secret.revision + 1, updatedAt: now };
}

/** The values that are accepted now. */
export function validValues(secret: MachineSecret, now: number): MachineValue[] {
  if (!secret.enabled) return [];
  const { current, previous } = secret;
  return previous !== null && previous.validUntil > now ? [current, previous] : [current];
}
