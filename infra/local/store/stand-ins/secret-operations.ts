/** The operations of Secrets Manager that are served, by their protocol names. */

import { randomUUID } from 'node:crypto';
import { awsFailure } from './aws-failure.ts';
import { CURRENT, currentVersion, text } from './secrets.ts';
import type { Body, SecretStore } from './secrets.ts';

function requiredValue(request: Body): string {
  const value = text(request, 'SecretString');
  if (value !== undefined) return value;
  throw awsFailure('InvalidParameterException', 'You must provide SecretString; SecretBinary is not kept here.');
}

type Operation = (store: SecretStore, request: Body) => Body;

export const secretOperations: Record<string, Operation> = {
  CreateSecret(store, request) {
    const name = text(request, 'Name') ?? '';
    if (name === '') throw awsFailure('InvalidParameterException', 'Name is required.');
    const value = request['SecretBinary'] === undefined ? text(request, 'SecretString') : requiredValue(request);
    const secret = store.create(name, value, text(request, 'Description'), text(request, 'ClientRequestToken'));
    return { ARN: secret.arn, Name: secret.name, VersionId: currentVersion(secret)?.[0] };
  },

  DescribeSecret(store, request) {
    const secret = store.find(request);
    const stages = Object.entries(secret.versions).map(([id, version]) => [id, version.stages]);
    return {
      ARN: secret.arn,
      Name: secret.name,
      Description: secret.description,
      CreatedDate: secret.createdAt,
      LastChangedDate: secret.changedAt,
      VersionIdsToStages: Object.fromEntries(stages) as unknown,
    };
  },

  GetSecretValue(store, request) {
    const secret = store.find(request);
    const id = text(request, 'VersionId');
    const stage = text(request, 'VersionStage') ?? (id === undefined ? CURRENT : undefined);
    const found = Object.entries(secret.versions).find(
      ([versionId, version]) =>
        (id === undefined || versionId === id) && (stage === undefined || version.stages.includes(stage)),
    );
    if (found === undefined) {
      const wanted = id === undefined ? `staging label: ${stage}` : `VersionId: ${id}`;
      throw awsFailure(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for ${wanted}`,
      );
    }
    const [VersionId, { value, stages, createdAt }] = found;
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId,
      SecretString: value,
      VersionStages: stages,
      CreatedDate: createdAt,
    };
  },

  PutSecretValue(store, request) {
    const secret = store.find(request);
    const value = requiredValue(request);
    const id = text(request, 'ClientRequestToken') ?? randomUUID();
    const same = secret.versions[id];
    if (same !== undefined && same.value !== value) {
      throw awsFailure('ResourceExistsException', `A version with the id ${id} and another value exists already.`);
    }
    if (same === undefined) store.put(secret, id, value);
    const VersionStages = secret.versions[id]!.stages;
    return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages };
  },
};
