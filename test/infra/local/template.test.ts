import { afterAll, describe, expect, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { readCloudAssembly } from '../../../infra/local/cloud-assembly.ts';
import { readTemplate } from '../../../infra/local/template.ts';
import { writeAssembly, writeFixtureAssembly } from '../../support/cloud-assembly.ts';

const directories: string[] = [];
afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true })));

function read(directory: string) {
  directories.push(directory);
  const assembly = readCloudAssembly(directory);
  return readTemplate({ assembly, region: 'us-east-1', accountId: '000000000000', secretString: () => undefined });
}

function readResources(Resources: Record<string, Record<string, unknown>>) {
  return read(writeAssembly({ stacks: { one: { template: { Resources } } } }));
}

const bucket = (other: string) => ({ Type: 'AWS::S3::Bucket', Properties: { Other: { Ref: other } } });

describe('the template reader', () => {
  test('lists resources after those that they depend on, over all stacks', () => {
    const ids = read(writeFixtureAssembly({ resources: { Quiet: { Type: 'AWS::CloudWatch::Alarm' } } })).resources.map(
      ({ logicalId }) => logicalId,
    );
    expect(ids.indexOf('Things')).toBeLessThan(ids.indexOf('Relay'));
    expect(ids.indexOf('Layer')).toBeLessThan(ids.indexOf('Admin'));
    expect(ids.indexOf('RelayUrl')).toBeLessThan(ids.indexOf('Cdn'));
    expect(ids).not.toContain('Quiet');
  });

  test('resolves values of another stack', () => {
    const relay = read(writeFixtureAssembly()).resources.find(({ logicalId }) => logicalId === 'Relay');
    expect(relay?.properties()['Environment']).toEqual({ Variables: { TABLE: 'data-Things' } });
  });

  test('stops with the name of every unsupported resource type', () => {
    const resources = { Queue: { Type: 'AWS::MSK::Cluster' }, Db: { Type: 'AWS::RDS::DBInstance' } };
    expect(() => readResources(resources)).toThrow(
      /AWS::MSK::Cluster \(one\/Queue\)\n {2}AWS::RDS::DBInstance \(one\/Db\)/,
    );
  });

  test('stops with the name of an unsupported function, also in resources that are not started', () => {
    const resources = { Role: { Type: 'AWS::IAM::Role', Properties: { a: { 'Fn::GetAZs': '' } } } };
    expect(() => readResources(resources)).toThrow('one/Role uses Fn::GetAZs, which the local stack does not know');
  });

  test('leaves out resources whose condition does not hold, unsupported ones included', () => {
    const template = {
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: { Gone: { Type: 'AWS::RDS::DBInstance', Condition: 'Never' }, Kept: { Type: 'AWS::S3::Bucket' } },
    };
    const { resources } = read(writeAssembly({ stacks: { one: { template } } }));
    expect(resources.map(({ logicalId }) => logicalId)).toEqual(['Kept']);
  });

  test('names the circle when resources depend on each other', () => {
    expect(() => readResources({ A: bucket('B'), B: bucket('A') })).toThrow('in a circle: A → B → A');
  });

  test('says what to do when the app has not been synthesized', () => {
    expect(() => readCloudAssembly('/nowhere')).toThrow('Run `npm run synth` first');
  });
});
