import { createHash } from 'node:crypto';

export interface FunctionIdentity {
  readonly functionName: string;
  readonly handler: string;
  readonly memoryMegabytes: number;
  readonly region: string;
  readonly taskRoot: string;
}

/** Where the embedded services answer. */
export interface ServiceEndpoints {
  readonly dynamoDb: string;
  readonly s3: string;
  /** Secrets Manager, Lambda and SES. */
  readonly standIns: string;
}

/** An access key id of its own for each function, so that the embedded services know who calls. */
export function accessKeyIdFor(functionName: string): string {
  const digest = createHash('sha256').update(functionName).digest('hex').toUpperCase();
  return `ASIA${digest
    .replaceAll(/[^A-Z2-7]/g, '')
    .padEnd(16, 'A')
    .slice(0, 16)}`;
}

/** The secret follows from the id, so that the embedded services can verify what is signed with it. */
export function secretAccessKeyFor(accessKeyId: string): string {
  return createHash('sha256').update(`secret of ${accessKeyId}`).digest('base64');
}

/**
 * The whole environment of a function's process: the template's variables, and what Lambda itself provides
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). Nothing of the caller's shell.
 */
export function createFunctionEnvironment(
  identity: FunctionIdentity,
  endpoints: ServiceEndpoints,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...variables,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamoDb,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.standIns,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.standIns,
    AWS_ENDPOINT_URL_SESV2: endpoints.standIns,
    AWS_ACCESS_KEY_ID: accessKeyIdFor(identity.functionName),
    AWS_SECRET_ACCESS_KEY: secretAccessKeyFor(accessKeyIdFor(identity.functionName)),
    AWS_SESSION_TOKEN: 'local',
    AWS_REGION: identity.region,
    AWS_DEFAULT_REGION: identity.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: identity.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(identity.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${identity.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: identity.taskRoot,
    _HANDLER: identity.handler,
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    TZ: 'UTC',
  };
}
