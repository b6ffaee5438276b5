import { describe, expect, test } from '@jest/globals';
import { readDistribution } from '../../../../infra/local/cdn/distribution.ts';
import type { JsonObject } from '../../../../infra/local/json.ts';

const behavior = { TargetOriginId: 'o', CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad' };
const config = (more: JsonObject, own: JsonObject = {}) => ({
  DistributionConfig: { DefaultCacheBehavior: { ...behavior, ...more }, Origins: [], ...own },
});

describe('a distribution', () => {
  test.each<[string, JsonObject]>([
    ['LambdaFunctionAssociations', config({ LambdaFunctionAssociations: [{}] })],
    ['the function event origin-request', config({ FunctionAssociations: [{ EventType: 'origin-request' }] })],
    ['the cache policy other', config({ CachePolicyId: 'other' })],
    ['the origin request policy other', config({ OriginRequestPolicyId: 'other' })],
    ['TrustedKeyGroups', config({ TrustedKeyGroups: ['k'] })],
    ['CustomErrorResponses', config({}, { CustomErrorResponses: [] })],
    ['OriginGroups', config({}, { OriginGroups: { Quantity: 1 } })],
  ])('with %s stops the start by name', (feature, properties) => {
    expect(() => readDistribution(properties)).toThrow(feature);
  });

  test('serves GET and HEAD alone unless it says more', () => {
    expect([...(readDistribution(config({})).behaviors[0]?.allowedMethods ?? [])]).toEqual(['GET', 'HEAD']);
  });
});
