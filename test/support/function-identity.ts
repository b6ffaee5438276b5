import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readCloudAssembly } from '../../infra/local/cloud-assembly.ts';
import { accessKeyIdFor } from '../../infra/local/function-environment.ts';

/** AWS clients of a running stack that sign as one of its functions, and the names that the template's ids stand for. */
interface FunctionIdentity {
  readonly tables: DynamoDBClient;
  readonly secrets: SecretsManagerClient;
  readonly objects: S3Client;
  readonly functions: LambdaClient;
}

export interface StackOnAws {
  as(functionName: string): FunctionIdentity;
  functionNameOf(functionName: string): string;
  /** The name of a resource by its logical id: `LedgerTable`. */
  nameOf(logicalId: string): string;
  /** The ARN of a secret by its logical id. */
  secretArn(logicalId: string): string;
}

interface Endpoints {
  readonly storeUrl: string;
  readonly s3Url: string;
  readonly standInsUrl: string;
}

export function stackOnAws(dataDirectory: string, cloudAssembly: string): StackOnAws {
  const endpoints = JSON.parse(readFileSync(join(dataDirectory, 'state.json'), 'utf8')) as Endpoints;
  const { stacks } = readCloudAssembly(cloudAssembly);
  const resources = stacks.flatMap(({ name, template }) =>
    Object.entries(template['Resources'] as Record<string, { Metadata?: Record<string, string> }>).map(
      ([logicalId, { Metadata }]) => ({
        logicalId,
        physicalName: `${name}-${logicalId}`,
        known: Metadata?.['sluice:name'],
      }),
    ),
  );
  const nameOf = (logicalId: string): string =>
    resources.find((one) => one.logicalId === logicalId)?.physicalName ?? fail(`no resource ${logicalId}`);
  const functionNameOf = (functionName: string): string =>
    resources.find(({ known }) => known === functionName)?.physicalName ?? fail(`no function ${functionName}`);
  return {
    nameOf,
    functionNameOf,
    as: (functionName) => clientsOf(endpoints, accessKeyIdFor(functionNameOf(functionName))),
    secretArn: (logicalId) => {
      const text = readFileSync(join(dataDirectory, 'secrets.json'), 'utf8');
      return (JSON.parse(text) as Record<string, { arn: string }>)[nameOf(logicalId)]?.arn ?? fail(`no ${logicalId}`);
    },
  };
}

function clientsOf({ storeUrl, s3Url, standInsUrl }: Endpoints, accessKeyId: string): FunctionIdentity {
  const shared = {
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: 'is not verified locally' },
  };
  return {
    tables: new DynamoDBClient({ ...shared, endpoint: storeUrl }),
    secrets: new SecretsManagerClient({ ...shared, endpoint: standInsUrl }),
    objects: new S3Client({ ...shared, endpoint: s3Url, forcePathStyle: true }),
    functions: new LambdaClient({ ...shared, endpoint: standInsUrl }),
  };
}

function fail(reason: string): never {
  throw new Error(reason);
}
