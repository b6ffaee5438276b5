import * as z from 'zod';
import { ENVIRONMENT, SECRETS, TABLES, type SecretContext, type TableContext } from './names.ts';

/** The one reader of `process.env`: a schema per function; all names that are missing or wrong are listed at once. */

type Source = Readonly<Record<string, string | undefined>>;

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | undefined;
}

/** How AWS is reached. An endpoint is set on one machine and in tests only. */
export interface AwsSettings {
  region: string;
  endpoints: { dynamodb?: string; s3?: string; secretsmanager?: string; lambda?: string };
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
  'origin' | 'pepper' | 'vaultSeed'
> {
  /** Minutes east of UTC that days and months of limits follow. */
  timeZoneOffsetMinutes: number;
  /** Whether writes of one ledger account go together where one process serves many requests. */
  groupCommit: 'on' | 'off';
}

export interface AdminEnvironment extends FunctionEnvironment<
  'identity' | 'vault' | 'ledger' | 'catalog',
  'origin' | 'pepper' | 'signingSeed' | 'bootstrapAdmin'
> {
  timeZoneOffsetMinutes: number;
  vaultFunction: string;
  /** Function name by schedule name. */
  scheduleFunctions: Readonly<Record<string, string>>;
}

export interface VaultEnvironment extends FunctionEnvironment<'catalog', 'origin' | 'vaultSeed'> {
  /** Where the public API begins, e.g. `/public-api`. */
  publicApiPrefix: string;
}

export type ScheduleEnvironment<TableNames extends TableContext> = FunctionEnvironment<TableNames, never>;

export function readRelayEnvironment(source: Source = process.env): RelayEnvironment {
  return readFunction(source, {
    tables: ['identity', 'vault', 'ledger', 'catalog', 'content'],
    secrets: ['origin', 'pepper', 'vaultSeed'],
    further: { timeZoneOffsetMinutes: timeZoneOffset, groupCommit: z.enum(['on', 'off']).default('on') },
    names: { timeZoneOffsetMinutes: ENVIRONMENT.timeZoneOffsetMinutes, groupCommit: ENVIRONMENT.groupCommit },
  });
}

export function readAdminEnvironment(source: Source = process.env): AdminEnvironment {
  return readFunction(source, {
    tables: ['identity', 'vault', 'ledger', 'catalog'],
    secrets: ['origin', 'pepper', 'signingSeed', 'bootstrapAdmin'],
    further: { timeZoneOffsetMinutes: timeZoneOffset, vaultFunction: text, scheduleFunctions: functionNames },
    names: {
      timeZoneOffsetMinutes: ENVIRONMENT.timeZoneOffsetMinutes,
      vaultFunction: ENVIRONMENT.vaultFunction,
      scheduleFunctions: ENVIRONMENT.scheduleFunctions,
    },
  });
}

export function readVaultEnvironment(source: Source = process.env): VaultEnvironment {
  return readFunction(source, {
    tables: ['catalog'],
    secrets: ['origin', 'vaultSeed'],
    further: { publicApiPrefix: z.string().regex(/^(?:\/[\w.-]+)+$/, 'is not a path such as /public-api') },
    names: { publicApiPrefix: ENVIRONMENT.publicApiPrefix },
  });
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

const text = z.string().min(1);
const endpoint = z.url().optional();
const timeZoneOffset = text.pipe(z.coerce.number<string>().int().min(-720).max(840));
const functionNames = text
  .transform((value, context) => {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), text));

const AWS_SCHEMA = {
  AWS_REGION: text,
  AWS_ACCESS_KEY_ID: text,
  AWS_SECRET_ACCESS_KEY: text,
  AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  AWS_ENDPOINT_URL_S3: endpoint,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
  AWS_ENDPOINT_URL_LAMBDA: endpoint,
};

type Shape = Readonly<Record<string, z.ZodType>>;

interface Wanted<TableNames extends TableContext, SecretNames extends SecretContext, Further extends Shape> {
  tables: readonly TableNames[];
  secrets: readonly SecretNames[];
  /** Schemas of the function's further settings, and the names of their variables. */
  further: Further;
  names: { readonly [Field in keyof Further]: string };
}

function readFunction<TableNames extends TableContext, SecretNames extends SecretContext, Further extends Shape>(
  source: Source,
  wanted: Wanted<TableNames, SecretNames, Further>,
): FunctionEnvironment<TableNames, SecretNames> & z.infer<z.ZodObject<Further>> {
  const shape: Record<string, z.ZodType> = { ...AWS_SCHEMA, [ENVIRONMENT.buildId]: text };
  for (const table of wanted.tables) shape[TABLES[table].environmentName] = text;
  for (const secret of wanted.secrets) shape[SECRETS[secret].environmentName] = text;
  for (const [field, name] of Object.entries<string>(wanted.names)) shape[name] = wanted.further[field] ?? text;

  const parsed = z.object(shape).safeParse(source);
  if (!parsed.success) throw new Error(describe(parsed.error));
  const values = parsed.data as Record<string, string>;
  const pick = (entries: readonly (readonly [string, string])[]): Record<string, unknown> =>
    Object.fromEntries(entries.map(([field, name]) => [field, values[name]]));

  return {
    aws: awsSettings(source),
    buildId: values[ENVIRONMENT.buildId] ?? '',
    tables: pick(wanted.tables.map((table) => [table, TABLES[table].environmentName])),
    secrets: pick(wanted.secrets.map((secret) => [secret, SECRETS[secret].environmentName])),
    ...pick(Object.entries<string>(wanted.names)),
    // The fields were picked by the very names that the types list.
  } as FunctionEnvironment<TableNames, SecretNames> & z.infer<z.ZodObject<Further>>;
}

function awsSettings(source: Source): AwsSettings {
  return {
    region: source['AWS_REGION'] ?? '',
    endpoints: {
      ...(source['AWS_ENDPOINT_URL_DYNAMODB'] && { dynamodb: source['AWS_ENDPOINT_URL_DYNAMODB'] }),
      ...(source['AWS_ENDPOINT_URL_S3'] && { s3: source['AWS_ENDPOINT_URL_S3'] }),
      ...(source['AWS_ENDPOINT_URL_SECRETS_MANAGER'] && { secretsmanager: source['AWS_ENDPOINT_URL_SECRETS_MANAGER'] }),
      ...(source['AWS_ENDPOINT_URL_LAMBDA'] && { lambda: source['AWS_ENDPOINT_URL_LAMBDA'] }),
    },
    credentials: () => ({
      accessKeyId: source['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: source['AWS_SECRET_ACCESS_KEY'] ?? '',
      sessionToken: source['AWS_SESSION_TOKEN'] || undefined,
    }),
  };
}

/** Names and faults only: a value may be a secret. */
function describe(error: z.ZodError): string {
  const faults = error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const missing = issue.code === 'invalid_type' && issue.message.includes('undefined');
    return missing ? `${name} is missing` : `${name}: ${issue.message}`;
  });
  return `The environment is not complete: ${faults.join('; ')}.`;
}
