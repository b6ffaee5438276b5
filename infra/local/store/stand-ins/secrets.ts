/** Secrets Manager: secrets with versions and their two stages, kept in one file that only its owner can read. */

import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EnsureSecret } from '../interfaces.ts';
import { awsFailure } from './aws-failure.ts';
import { generateSecret } from './generate-secret.ts';

interface Version {
  readonly value: string;
  /** Seconds, as the protocol carries times. */
  readonly createdAt: number;
  stages: string[];
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  readonly createdAt: number;
  changedAt: number;
  versions: Record<string, Version>;
}

export type Body = Record<string, unknown>;

export const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const SUFFIX_LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export interface SecretStoreOptions {
  readonly file: string;
  readonly region: string;
  readonly accountId: string;
  readonly now: () => number;
}

function load(file: string): Map<string, Secret> {
  if (!existsSync(file)) return new Map();
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Secret>));
}

/** Written aside and renamed, so that the file is whole at any moment. */
function save(file: string, secrets: Map<string, Secret>): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, `${JSON.stringify(Object.fromEntries(secrets), null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function text(request: Body, name: string): string | undefined {
  const value = request[name];
  if (value !== undefined && typeof value !== 'string') {
    throw awsFailure('InvalidParameterException', `${name} is not a string`);
  }
  return value;
}

export function currentVersion(secret: Secret): [id: string, version: Version] | undefined {
  return Object.entries(secret.versions).find(([, version]) => version.stages.includes(CURRENT));
}

/** Moves the stages: the new version is current, the one before is previous, older ones lose theirs. */
function addVersion(secret: Secret, id: string, value: string, now: number): void {
  const before = currentVersion(secret)?.[0];
  for (const [other, version] of Object.entries(secret.versions)) version.stages = other === before ? [PREVIOUS] : [];
  const kept = Object.entries(secret.versions).filter(([, version]) => version.stages.length > 0);
  secret.versions = { ...Object.fromEntries(kept), [id]: { value, createdAt: now, stages: [CURRENT] } };
  secret.changedAt = now;
}

export type SecretStore = ReturnType<typeof createSecretStore>;

export function createSecretStore({ file, region, accountId, now }: SecretStoreOptions) {
  const secrets = load(file);
  const seconds = () => now() / 1000;

  function lookup(nameOrArn: string): Secret | undefined {
    const byName = secrets.get(nameOrArn);
    if (byName !== undefined) return byName;
    return [...secrets.values()].find(({ arn }) => arn === nameOrArn || arn.replace(/-\w{6}$/, '') === nameOrArn);
  }

  function find(request: Body): Secret {
    const secret = lookup(text(request, 'SecretId') ?? '');
    if (secret !== undefined) return secret;
    throw awsFailure('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }

  function create(name: string, value: string | undefined, description?: string, versionId?: string): Secret {
    if (secrets.has(name)) {
      throw awsFailure('ResourceExistsException', `The operation failed because the secret ${name} already exists.`);
    }
    const suffix = [...randomBytes(6)].map((byte) => SUFFIX_LETTERS[byte % SUFFIX_LETTERS.length]).join('');
    const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${suffix}`;
    const described = description === undefined ? {} : { description };
    const secret: Secret = { arn, name, ...described, createdAt: seconds(), changedAt: seconds(), versions: {} };
    if (value !== undefined) addVersion(secret, versionId ?? randomUUID(), value, seconds());
    secrets.set(name, secret);
    save(file, secrets);
    return secret;
  }

  function put(secret: Secret, id: string, value: string): void {
    addVersion(secret, id, value, seconds());
    save(file, secrets);
  }

  return {
    find,
    create,
    put,

    ensure({ name, description, secretString, generate }: EnsureSecret): string {
      const known = secrets.get(name);
      if (known !== undefined) return known.arn;
      return create(name, secretString ?? generateSecret(generate ?? {}), description).arn;
    },

    arnOf(nameOrArn: string): string | undefined {
      return lookup(nameOrArn)?.arn;
    },

    read(nameOrArn: string): string | null {
      const secret = lookup(nameOrArn);
      return (secret && currentVersion(secret)?.[1].value) ?? null;
    },
  };
}
