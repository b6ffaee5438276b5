import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** The repository's root, whatever directory synth was started in. */
export const REPOSITORY_ROOT = path.resolve(import.meta.dirname, '..');

/** First path segments that are taken, so the public API cannot live under them. */
const RESERVED_PREFIXES = ['v1', 'v1beta', 'cc', 'api', 'health', 'images', 'assets', 'admin', 'login', 'manage'];
RESERVED_PREFIXES.push('internalweb');

/** Days that CloudWatch Logs accepts as a retention, as far as anyone would want them. */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

/** Values given with `-c name=value` arrive as text. */
const wholeNumber = z.coerce.number().int();
const concurrency = wholeNumber.min(0).max(100_000).optional();

const settingsSchema = z
  .object({
    /** Part of the stacks' names, so that several can stand in one account. */
    stage: z.string().regex(/^[a-z][a-z0-9]{0,15}$/, 'must be 1 to 16 lower-case letters and digits'),
    /** Host name of the distribution; needs `certificateArn`. */
    domainName: z.hostname().optional(),
    certificateArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/, 'must be an ACM certificate in us-east-1')
      .optional(),
    publicApiPrefix: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,30}$/, 'must be 2 to 31 lower-case letters, digits and hyphens, without a slash')
      .refine((prefix) => !RESERVED_PREFIXES.includes(prefix), `must not be one of ${RESERVED_PREFIXES.join(', ')}`)
      .default('public-api'),
    /** Minutes east of Greenwich of the day that quotas and media follow. */
    timeZoneOffsetMinutes: wholeNumber.min(-720).max(840).default(480),
    /** The most bytes of one medium that is kept for serving. */
    kvCacheMaxBytes: wholeNumber
      .min(1)
      .max(5 * 1024 ** 3)
      .default(25 * 1024 * 1024),
    /** How many objects one call of the sweep of media deletes. */
    kvCleanupBatch: wholeNumber.min(1).max(500).default(200),
    buildId: z.string().regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens'),
    logRetentionDays: wholeNumber.pipe(z.literal(RETENTION_DAYS)).default(30),
    alarmEmail: z.email().optional(),
    /** Who mails to users come from; its domain is a verified identity of SES. Absent: no mail is sent. */
    mailFrom: z.email().optional(),
    /** ARNs of Bedrock models and inference profiles that the relay's role may invoke, for credentials of kind `aws_role`. */
    bedrockModels: z
      .string()
      .transform((list) => list.split(',').map((arn) => arn.trim()))
      .pipe(
        z.array(
          z
            .string()
            .regex(/^arn:aws[a-z-]*:bedrock:[a-z0-9-]*:\d*:[a-z-]+\/[\w.:/*-]+$/, 'must be ARNs of Bedrock, by comma'),
        ),
      )
      .optional(),
    /** Cost fuses: the most that a function may run at once. Absent: the account's own limit. */
    relayConcurrency: concurrency,
    adminConcurrency: concurrency,
    vaultConcurrency: concurrency,
    /** Cost fuses: the most units a second that each table serves. */
    tableReadUnits: wholeNumber.min(1).default(12_000),
    tableWriteUnits: wholeNumber.min(1).default(4_000),
    /** `identity=NAME,ledger=NAME`: tables restored to a point in time that take the place of the stack's own. */
    restoredTables: z
      .string()
      .regex(
        /^(?:identity|vault|ledger|catalog|content)=[\w.-]{3,255}(?:,(?:identity|vault|ledger|catalog|content)=[\w.-]{3,255})*$/,
        'must be names of tables such as identity=sluice-identity-restored, by comma',
      )
      .transform((list): Record<string, string> => Object.fromEntries(list.split(',').map((pair) => pair.split('='))))
      .optional(),
    /** Where the built console is. */
    adminWebDirectory: z.string().default(path.join(REPOSITORY_ROOT, 'admin-web/dist')),
  })
  .refine((settings) => (settings.domainName === undefined) === (settings.certificateArn === undefined), {
    path: ['domainName'],
    message: 'and certificateArn must be given together',
  });

/** What a stage can be set to (architecture.md §11); README lists them for operators. */
export type Settings = z.infer<typeof settingsSchema>;

/**
 * Reads and checks every setting. Throws one error that names each bad setting.
 * @param context reads one value of the CDK's context
 */
export function readSettings(
  context: (key: string) => unknown,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const given: Record<string, unknown> = {
    buildId: environment.BUILD_SHA ?? 'local',
    timeZoneOffsetMinutes: environment.CACHE_RESET_TZ_OFFSET_MINUTES || undefined,
    kvCacheMaxBytes: environment.KV_CACHE_MAX_BYTES || undefined,
    kvCleanupBatch: environment.KV_CLEANUP_BATCH || undefined,
  };
  for (const key of Object.keys(settingsSchema.shape)) given[key] = context(key) ?? given[key];
  const result = settingsSchema.safeParse(given);
  if (result.success) return result.data;
  const complaints = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`Settings in cdk.json or after -c are wrong:\n${complaints.join('\n')}`);
}

/** The context of cdk.json: feature flags and settings. The CDK's command line hands it over; a bare run reads it here. */
export function readCdkContext(): Record<string, unknown> {
  const file = path.join(REPOSITORY_ROOT, 'cdk.json');
  if (!existsSync(file)) return {};
  return z.looseObject({ context: z.record(z.string(), z.unknown()) }).parse(JSON.parse(readFileSync(file, 'utf8')))
    .context;
}
