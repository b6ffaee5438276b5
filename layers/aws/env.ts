import { ENVIRONMENT, SECRETS, TABLES, type SecretContext, type TableContext } from './names.ts';

/** The one reader of `process.env`, a list of readers per function; all names that are missing or wrong are listed at once. */

type Source = Readonly<Record<string, string | undefined>>;

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | undefined;
}

/** How AWS is reached. An endpoint is set on one machine and in tests only. */
export interface AwsSettings {
  region: string;
  endpoints: { dynamodb?: string; s3?: string; secretsmanager?: string; lambda?: string; sesv2?: string };
  /** Asked anew again and again, at least once a second under load, since a host may rotate them. */
  credentials(): AwsCredentials;
}

type Tables<Names extends TableContext> = { readonly [Name in Names]: string };
type Secrets<Names extends SecretContext> = { readonly [Name in Names]: string };

interface FunctionEnvironment<TableNames extends TableContext, SecretNames extends SecretContext> {
  aws: AwsSettings;
  buildId: string;
  /** Physical table names. */
  tables: Tables<TableNames>;
  /** ARNs; `secrets/secret-reader.ts` reads the values. */
  secrets: Secrets<SecretNames>;
}

export interface RelayEnvironment extends FunctionEnvironment<
  'identity' | 'vault' | 'ledger' | 'catalog' | 'content',
  'pepper' | 'vaultSeed'
> {
  /** ARN; null where no CDN is in front. */
  originSecret: string | null;
  /** Minutes east of UTC that days and months of limits follow. */
  timeZoneOffsetMinutes: number;
  /** Whether writes of one ledger account go together where one process serves many requests. */
  groupCommit: 'on' | 'off';
  vaultFunction: string;
  mediaBucket: string;
  /** Of one medium that is kept for serving. */
  mostMediaBytes: number;
  /** Who runs media jobs; null in that function itself, which submits none. */
  mediaJobsFunction: string | null;
}

export interface AdminEnvironment extends FunctionEnvironment<
  'identity' | 'vault' | 'ledger' | 'catalog' | 'content',
  'origin' | 'pepper' | 'signingSeed' | 'bootstrapAdmin'
> {
  timeZoneOffsetMinutes: number;
  vaultFunction: string;
  /** Who mails come from; null: none are sent. */
  mailSender: string | null;
  /** Function name by schedule name. */
  scheduleFunctions: Readonly<Record<string, string>>;
  mediaBucket: string;
}

export interface VaultEnvironment extends FunctionEnvironment<
  'identity' | 'vault' | 'catalog',
  'origin' | 'pepper' | 'vaultSeed'
> {
  /** Where the public API begins, e.g. `/public-api`. */
  publicApiPrefix: string;
}

/** Of the schedule that works with the vault's rights. */
export type RefreshEnvironment = FunctionEnvironment<'vault' | 'catalog', 'vaultSeed'>;

export type ScheduleEnvironment<TableNames extends TableContext> = FunctionEnvironment<TableNames, never>;

export function readRelayEnvironment(source: Source = process.env): RelayEnvironment {
  return readFunction(source, {
    tables: ['identity', 'vault', 'ledger', 'catalog', 'content'],
    secrets: ['pepper', 'vaultSeed'],
    further: {
      originSecret: optionalText,
      timeZoneOffsetMinutes: timeZoneOffset,
      groupCommit: onOrOff,
      vaultFunction: text,
      mediaBucket: text,
      mostMediaBytes: wholeNumber(1, 5 * 1024 ** 3),
      mediaJobsFunction: optionalText,
    },
    names: {
      originSecret: SECRETS.origin.environmentName,
      timeZoneOffsetMinutes: ENVIRONMENT.timeZoneOffsetMinutes,
      groupCommit: ENVIRONMENT.groupCommit,
      vaultFunction: ENVIRONMENT.vaultFunction,
      mediaBucket: ENVIRONMENT.mediaBucket,
      mostMediaBytes: ENVIRONMENT.mostMediaBytes,
      mediaJobsFunction: ENVIRONMENT.mediaJobsFunction,
    },
  });
}

export function readAdminEnvironment(source: Source = process.env): AdminEnvironment {
  return readFunction(source, {
    tables: ['identity', 'vault', 'ledger', 'catalog', 'content'],
    secrets: ['origin', 'pepper', 'signingSeed', 'bootstrapAdmin'],
    further: {
      timeZoneOffsetMinutes: timeZoneOffset,
      vaultFunction: text,
      mailSender: optionalText,
      scheduleFunctions: functionNames,
      mediaBucket: text,
    },
    names: {
      timeZoneOffsetMinutes: ENVIRONMENT.timeZoneOffsetMinutes,
      vaultFunction: ENVIRONMENT.vaultFunction,
      mailSender: ENVIRONMENT.mailSender,
      scheduleFunctions: ENVIRONMENT.scheduleFunctions,
      mediaBucket: ENVIRONMENT.mediaBucket,
    },
  });
}

export function readVaultEnvironment(source: Source = process.env): VaultEnvironment {
  return readFunction(source, {
    tables: ['identity', 'vault', 'catalog'],
    secrets: ['origin', 'pepper', 'vaultSeed'],
    further: { publicApiPrefix: pathPrefix },
    names: { publicApiPrefix: ENVIRONMENT.publicApiPrefix },
  });
}

export function readRefreshEnvironment(source: Source = process.env): RefreshEnvironment {
  return readFunction(source, { tables: ['vault', 'catalog'], secrets: ['vaultSeed'], further: {}, names: {} });
}

export function readResealEnvironment(source: Source = process.env): FunctionEnvironment<'vault', 'vaultSeed'> {
  return readFunction(source, { tables: ['vault'], secrets: ['vaultSeed'], further: {}, names: {} });
}

/** @param tables the tables that the schedule works on */
export function readScheduleEnvironment<TableNames extends TableContext>(
  tables: readonly TableNames[],
  source: Source = process.env,
): ScheduleEnvironment<TableNames> {
  return readFunction(source, { tables, secrets: [], further: {}, names: {} });
}

export interface RollUpEnvironment extends FunctionEnvironment<'ledger', never> {
  /** Minutes east of UTC that the hours and days of sums follow. */
  timeZoneOffsetMinutes: number;
}

export function readRollUpEnvironment(source: Source = process.env): RollUpEnvironment {
  return readFunction(source, {
    tables: ['ledger'],
    secrets: [],
    further: { timeZoneOffsetMinutes: timeZoneOffset },
    names: { timeZoneOffsetMinutes: ENVIRONMENT.timeZoneOffsetMinutes },
  });
}

export interface RecoverEnvironment extends FunctionEnvironment<'vault' | 'ledger' | 'catalog', never> {
  /** Minutes east of UTC that the days and months of credentials' limits follow. */
  timeZoneOffsetMinutes: number;
}

export function readRecoverEnvironment(source: Source = process.env): RecoverEnvironment {
  return readFunction(source, {
    tables: ['vault', 'ledger', 'catalog'],
    secrets: [],
    further: { timeZoneOffsetMinutes: timeZoneOffset },
    names: { timeZoneOffsetMinutes: ENVIRONMENT.timeZoneOffsetMinutes },
  });
}

export interface EvaluateEnvironment extends FunctionEnvironment<
  'identity' | 'vault' | 'ledger' | 'catalog',
  'pepper'
> {
  timeZoneOffsetMinutes: number;
  /** Who mails come from; null: none are sent. */
  mailSender: string | null;
  metricsNamespace: string;
}

export function readEvaluateEnvironment(source: Source = process.env): EvaluateEnvironment {
  return readFunction(source, {
    tables: ['identity', 'vault', 'ledger', 'catalog'],
    secrets: ['pepper'],
    further: { timeZoneOffsetMinutes: timeZoneOffset, mailSender: optionalText, metricsNamespace: text },
    names: {
      timeZoneOffsetMinutes: ENVIRONMENT.timeZoneOffsetMinutes,
      mailSender: ENVIRONMENT.mailSender,
      metricsNamespace: ENVIRONMENT.metricsNamespace,
    },
  });
}

export interface ExpireMediaEnvironment extends FunctionEnvironment<never, never> {
  mediaBucket: string;
  /** Objects that one call deletes. */
  mediaCleanupBatch: number;
}

export function readExpireMediaEnvironment(source: Source = process.env): ExpireMediaEnvironment {
  return readFunction(source, {
    tables: [],
    secrets: [],
    further: { mediaBucket: text, mediaCleanupBatch: wholeNumber(1, 1_000) },
    names: { mediaBucket: ENVIRONMENT.mediaBucket, mediaCleanupBatch: ENVIRONMENT.mediaCleanupBatch },
  });
}

export interface SweepJobsEnvironment extends FunctionEnvironment<'content', never> {
  mediaJobsFunction: string;
}

export function readSweepJobsEnvironment(source: Source = process.env): SweepJobsEnvironment {
  return readFunction(source, {
    tables: ['content'],
    secrets: [],
    further: { mediaJobsFunction: text },
    names: { mediaJobsFunction: ENVIRONMENT.mediaJobsFunction },
  });
}

/** Reads one variable. @throws Fault, which names no value: it may be a secret */
type Reader<Value> = (given: string | undefined) => Value;

class Fault extends Error {}

const text: Reader<string> = (given) => {
  if (given === undefined) throw new Fault('is missing');
  if (given === '') throw new Fault('is empty');
  return given;
};

const optionalText: Reader<string | null> = (given) => (given === undefined ? null : text(given));

const endpoint: Reader<string | undefined> = (given) => {
  if (given !== undefined && !URL.canParse(given)) throw new Fault('is not a URL');
  return given;
};

const timeZoneOffset: Reader<number> = (given) => {
  const minutes = Number(text(given));
  if (Number.isInteger(minutes) && minutes >= -720 && minutes <= 840) return minutes;
  throw new Fault('is not a whole number from -720 to 840');
};

const wholeNumber =
  (least: number, most: number): Reader<number> =>
  (given) => {
    const value = Number(text(given));
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Fault(`is not a whole number from ${least} to ${most}`);
  };

const onOrOff: Reader<'on' | 'off'> = (given = 'on') => {
  if (given === 'on' || given === 'off') return given;
  throw new Fault('is neither on nor off');
};

const pathPrefix: Reader<string> = (given) => {
  if (/^(?:\/[\w.-]+)+$/.test(text(given))) return text(given);
  throw new Fault('is not a path such as /public-api');
};

const functionNames: Reader<Readonly<Record<string, string>>> = (given) => {
  const names = parseJson(text(given));
  if (typeof names !== 'object' || names === null || Array.isArray(names)) throw new Fault('is not a JSON object');
  for (const name of Object.values(names))
    if (typeof name !== 'string' || name === '') throw new Fault('names nothing');
  return names as Record<string, string>;
};

function parseJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    throw new Fault('is not JSON');
  }
}

const AWS_READERS = {
  AWS_REGION: text,
  AWS_ACCESS_KEY_ID: text,
  AWS_SECRET_ACCESS_KEY: text,
  AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  AWS_ENDPOINT_URL_S3: endpoint,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
  AWS_ENDPOINT_URL_LAMBDA: endpoint,
  AWS_ENDPOINT_URL_SESV2: endpoint,
};

type Readers = Readonly<Record<string, Reader<unknown>>>;
type Read<Further extends Readers> = { [Field in keyof Further]: ReturnType<Further[Field]> };

interface Wanted<TableNames extends TableContext, SecretNames extends SecretContext, Further extends Readers> {
  tables: readonly TableNames[];
  secrets: readonly SecretNames[];
  /** Readers of the function's further settings, and the names of their variables. */
  further: Further;
  names: { readonly [Field in keyof Further]: string };
}

function readFunction<TableNames extends TableContext, SecretNames extends SecretContext, Further extends Readers>(
  source: Source,
  wanted: Wanted<TableNames, SecretNames, Further>,
): FunctionEnvironment<TableNames, SecretNames> & Read<Further> {
  const faults: string[] = [];
  const read = (name: string, reader: Reader<unknown>): unknown => {
    try {
      return reader(source[name]);
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      faults.push(`${name}${fault.message === 'is missing' ? ' ' : ': '}${fault.message}`);
      return undefined;
    }
  };
  const readAll = (entries: readonly (readonly [field: string, name: string, reader: Reader<unknown>])[]): object =>
    Object.fromEntries(entries.map(([field, name, reader]) => [field, read(name, reader)]));

  for (const [name, reader] of Object.entries(AWS_READERS)) read(name, reader);
  const environment = {
    aws: awsSettings(source),
    buildId: read(ENVIRONMENT.buildId, text),
    tables: readAll(wanted.tables.map((table) => [table, TABLES[table].environmentName, text])),
    secrets: readAll(wanted.secrets.map((secret) => [secret, SECRETS[secret].environmentName, text])),
    ...readAll(
      Object.entries<string>(wanted.names).map(([field, name]) => [field, name, wanted.further[field] ?? text]),
    ),
  };
  if (faults.length > 0) throw new Error(`The environment is not complete: ${faults.join('; ')}.`);
  // The fields were read by the very names that the types list.
  return environment as unknown as FunctionEnvironment<TableNames, SecretNames> & Read<Further>;
}

function awsSettings(source: Source): AwsSettings {
  return {
    region: source['AWS_REGION'] ?? '',
    endpoints: {
      ...(source['AWS_ENDPOINT_URL_DYNAMODB'] && { dynamodb: source['AWS_ENDPOINT_URL_DYNAMODB'] }),
      ...(source['AWS_ENDPOINT_URL_S3'] && { s3: source['AWS_ENDPOINT_URL_S3'] }),
      ...(source['AWS_ENDPOINT_URL_SECRETS_MANAGER'] && { secretsmanager: source['AWS_ENDPOINT_URL_SECRETS_MANAGER'] }),
      ...(source['AWS_ENDPOINT_URL_LAMBDA'] && { lambda: source['AWS_ENDPOINT_URL_LAMBDA'] }),
      ...(source['AWS_ENDPOINT_URL_SESV2'] && { sesv2: source['AWS_ENDPOINT_URL_SESV2'] }),
    },
    credentials: () => ({
      accessKeyId: source['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: source['AWS_SECRET_ACCESS_KEY'] ?? '',
      sessionToken: source['AWS_SESSION_TOKEN'] || undefined,
    }),
  };
}
