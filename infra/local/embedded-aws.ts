import { createBucketClient, type CorsRule } from './bucket-client.ts';
import type { StoreEndpoints } from './own-processes.ts';
import { createTable } from './store/dynamodb/create-table.ts';
import type { AwsStandIns, EnsureSecret, GenerateSecretString, TableProperties } from './store/interfaces.ts';
import { accessKeyIdFor } from './function-environment.ts';
import { StartError } from './start-error.ts';
import { listAt, objectAt, textAt, type JsonObject } from './json.ts';
import type { CloudAssembly } from './cloud-assembly.ts';
import { deployToBucket } from './bucket-deployment.ts';
import type { Resource, Template } from './template.ts';

/** Creates the template's secrets, or finds those of an earlier start, and makes their ARNs known to the template. */
export async function createSecrets(template: Template, standIns: AwsStandIns): Promise<void> {
  for (const resource of template.resources.filter(({ type }) => type === 'AWS::SecretsManager::Secret')) {
    const { stackName, logicalId } = resource;
    const arn = await standIns.ensureSecret(secretOf(`${stackName}-${logicalId}`, resource.properties()));
    template.names.set(stackName, logicalId, undefined, arn);
    template.names.set(stackName, logicalId, 'Id', arn);
  }
}

function secretOf(name: string, properties: JsonObject): EnsureSecret {
  const secretString = textAt(properties['SecretString']);
  if (secretString !== undefined) return { name, secretString };
  return { name, generate: objectAt(properties['GenerateSecretString']) as GenerateSecretString };
}

/** Creates the template's tables, or brings those of an earlier start to what the template says. */
export async function createTables(template: Template, store: StoreEndpoints): Promise<void> {
  await Promise.all(
    ofType(template, 'AWS::DynamoDB::GlobalTable').map((resource) => {
      const properties = resource.properties() as unknown as TableProperties;
      return createTable({ url: store.dynamoDbUrl, tableName: resource.physicalId(), properties });
    }),
  );
}

/** Creates the template's buckets and fills them as its deployments say. */
export async function createBuckets(template: Template, store: StoreEndpoints, assembly: CloudAssembly): Promise<void> {
  const buckets = createBucketClient(store.s3Url);
  await Promise.all(
    ofType(template, 'AWS::S3::Bucket').map(async (resource) => {
      await buckets.createBucket(resource.physicalId());
      const rules = listAt(objectAt(resource.properties()['CorsConfiguration'])['CorsRules']);
      if (rules.length > 0) await buckets.setCors(resource.physicalId(), rules as unknown as CorsRule[]);
    }),
  );
  for (const deployment of ofType(template, 'Custom::CDKBucketDeployment')) {
    const properties = deployment.properties();
    await deployToBucket(properties, assembly, createBucketClient(store.s3Url, deployerOf(template, properties)));
  }
}

/** The copy is the deployment's function's work on AWS; here the runner does it with that function's rights. */
function deployerOf(template: Template, deployment: JsonObject): string {
  const deployer = ofType(template, 'AWS::Lambda::Function').find(
    ({ stackName, logicalId }) =>
      template.names.attribute(stackName, logicalId, 'Arn') === textAt(deployment['ServiceToken']),
  );
  if (deployer === undefined) throw new StartError('A bucket deployment has no function that does it in the template.');
  return accessKeyIdFor(deployer.physicalId());
}

function ofType(template: Template, type: Resource['type']): Resource[] {
  return template.resources.filter((resource) => resource.type === type);
}
