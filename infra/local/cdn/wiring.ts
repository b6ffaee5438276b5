import type { FunctionGroup } from '../function-group.ts';
import { textAt } from '../json.ts';
import { accessKeyIdOf } from '../permissions/read-rules.ts';
import { StartError } from '../start-error.ts';
import type { Resource, Template } from '../template.ts';
import type { CdnOptions, OriginTarget } from './cdn.ts';
import { readDistribution } from './distribution.ts';
import { createResponseHeadersPolicy } from './response-headers.ts';
import { createViewerFunction } from './viewer-function.ts';

export interface WiringOptions {
  readonly template: Template;
  readonly groups: readonly FunctionGroup[];
  readonly s3Url: string;
  readonly clockOffsetMs: number;
}

/** Puts the template's one distribution together with what runs on this machine. @throws StartError */
export function wireCdn(options: WiringOptions): CdnOptions {
  const { resources } = options.template;
  const ofType = (type: string): Resource[] => resources.filter((resource) => resource.type === type);
  const [distribution, ...others] = ofType('AWS::CloudFront::Distribution');
  if (distribution === undefined || others.length > 0) {
    throw new StartError(
      `The local stack serves exactly one distribution; the template has ${others.length + (distribution ? 1 : 0)}.`,
    );
  }
  const functions = ofType('AWS::CloudFront::Function').map((resource) => {
    const code = textAt(resource.properties()['FunctionCode']) ?? '';
    const viewerFunction = createViewerFunction({
      name: resource.logicalId,
      code,
      clockOffsetMs: options.clockOffsetMs,
    });
    return [resource.physicalId(), viewerFunction] as const;
  });
  const policies = ofType('AWS::CloudFront::ResponseHeadersPolicy');
  const responseHeaders = policies.map(
    (resource) => [resource.physicalId(), createResponseHeadersPolicy(resource.properties())] as const,
  );
  return {
    accessKeyId: accessKeyIdOf(distribution),
    distribution: readDistribution(distribution.properties()),
    functions: new Map(functions),
    responseHeaders: new Map(responseHeaders),
    targets: new Map([...functionTargets(options.groups), ...bucketTargets(options)]),
  };
}

function functionTargets(groups: readonly FunctionGroup[]): [string, OriginTarget][] {
  return groups.flatMap((group) =>
    group.spec.domainName === undefined
      ? []
      : [[group.spec.domainName, { kind: 'function', pick: group.pick }] as [string, OriginTarget]],
  );
}

function bucketTargets({ template, s3Url }: WiringOptions): [string, OriginTarget][] {
  return template.resources
    .filter(({ type }) => type === 'AWS::S3::Bucket')
    .map(({ stackName, logicalId, physicalId }) => {
      const domain = template.names.attribute(stackName, logicalId, 'RegionalDomainName') ?? '';
      return [domain, { kind: 'bucket', url: `${s3Url}/${physicalId()}` }];
    });
}
