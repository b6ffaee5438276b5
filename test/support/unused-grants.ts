import type { GrantLine, PermissionRecords } from './permission-records.ts';

/** Grants that no test of the whole local suite uses, and why they are there all the same. */
export interface Explanation {
  /** Any, when absent. */
  readonly holder?: string;
  readonly action: string;
  /** The resource's name holds this; any, when absent. */
  readonly resource?: string;
  readonly because: string;
}

/** The CDK's helper that copies the console into its bucket; the runner does so in its place, as far as that goes. */
const DEPLOYMENT = 'CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C81C01536';
const ONLY_ON_DEPLOYMENT =
  'it runs while a stack is deployed; here the runner copies the files with its right to put them';

export const UNUSED_GRANTS: readonly Explanation[] = [
  { holder: DEPLOYMENT, action: 'logs:CreateLogStream', because: ONLY_ON_DEPLOYMENT },
  { holder: DEPLOYMENT, action: 'logs:PutLogEvents', because: ONLY_ON_DEPLOYMENT },
  { holder: DEPLOYMENT, action: 's3:GetObject', because: ONLY_ON_DEPLOYMENT },
  { holder: DEPLOYMENT, action: 's3:ListBucket', because: ONLY_ON_DEPLOYMENT },
  { holder: 'delivery.logs.amazonaws.com', action: 's3:PutObject', because: 'the local CDN keeps no access log' },
  { holder: 'logging.s3.amazonaws.com', action: 's3:PutObject', because: 'the local buckets keep no access log' },
  {
    holder: 'refresh-credentials',
    action: 'dynamodb:PutItem',
    resource: 'poolLog',
    because: 'no sweep here changes whether a credential may be used; test/functions/vault shows what is written then',
  },
  {
    holder: 'reseal-credentials',
    action: 'dynamodb:UpdateItem',
    because: 'the seed has one version here; test/aws/tables/rewrite-sealed.test.ts shows it with two',
  },
  {
    holder: 'migrate-data',
    action: 'dynamodb:GetItem',
    because: 'an item that changed while it was migrated is read again, and so far no item is of an older version',
  },
  {
    holder: 'migrate-data',
    action: 'dynamodb:UpdateItem',
    because:
      'what is of an older version is rewritten, and so far no item is; test/aws/tables/item-schema.test.ts shows it on older ones',
  },
  {
    action: 's3:AbortMultipartUpload',
    because: 'what breaks while it is written in parts is taken back; test/aws/media/s3-objects.test.ts shows it',
  },
  {
    holder: 'media-jobs',
    action: 'dynamodb:PutItem',
    resource: 'VaultTable',
    because: 'no credential fails in a job here; test/local/pool.test.ts shows it in the relay, whose code it is',
  },
  {
    holder: 'media-jobs',
    action: 'lambda:InvokeFunction',
    because: 'no token is over while a job runs here; test/local/oauth.test.ts shows it in the relay, whose code it is',
  },
  {
    holder: 'media-jobs',
    action: 's3:GetObject',
    resource: '/uploads/*',
    because: 'pictures of edits in the background may be uploads; here only edits that are waited for name one',
  },
  {
    holder: 'media-jobs',
    action: 's3:ListBucket',
    because: 'an upload that is gone is told from one that may not be read; the relay shows it',
  },
  {
    holder: 'relay',
    action: 's3:DeleteObject',
    resource: '/jobs/*',
    because: 'a large response that was made in the background is deleted; test/aws/tables/media-jobs.test.ts shows it',
  },
  {
    holder: 'recover-quotas',
    action: 'dynamodb:DeleteItem',
    because:
      'what a crash left of an account on its way out is finished by it; test/aws/tables/quota-pools.test.ts shows it',
  },
];

/** Sentences about what is wrong between grants, uses and explanations; none when each unused grant is explained. */
export function compareGrants(records: PermissionRecords, explanations: readonly Explanation[]): string[] {
  const used = new Set(records.used.map(describe));
  const unused = records.granted.filter((grant) => !used.has(describe(grant)));
  const unexplained = unused.filter((grant) => !explanations.some((one) => isAbout(one, grant)));
  return [
    ...unexplained.map((grant) => `granted and never used: ${describe(grant)}`),
    ...explanations.flatMap((one) => {
      const about = records.granted.filter((grant) => isAbout(one, grant));
      if (about.length === 0) return [`explained and not granted at all: ${nameOf(one)}`];
      return about
        .filter((grant) => used.has(describe(grant)))
        .map((grant) => `explained as unused (${nameOf(one)}) and used: ${describe(grant)}`);
    }),
  ];
}

function isAbout(explanation: Explanation, grant: GrantLine): boolean {
  return (
    explanation.action === grant.action &&
    (explanation.holder === undefined || explanation.holder === grant.holder) &&
    (explanation.resource === undefined || grant.resource.includes(explanation.resource))
  );
}

function describe({ holder, action, resource }: GrantLine): string {
  return `${holder} ${action} ${resource}`;
}

function nameOf({ holder = 'anybody', action, resource = 'anything' }: Explanation): string {
  return `${holder} ${action} ${resource}`;
}
