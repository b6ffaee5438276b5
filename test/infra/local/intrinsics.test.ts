import { describe, expect, test } from '@jest/globals';
import {
  createResolver,
  referencesIn,
  unknownIntrinsics,
  type ResolverScope,
} from '../../../infra/local/intrinsics.ts';
import type { Json } from '../../../infra/local/json.ts';

const scope: ResolverScope = {
  stackName: 'service',
  region: 'eu-west-1',
  accountId: '000000000000',
  template: {
    Parameters: { Size: { Type: 'String', Default: 'small' } },
    Mappings: { Sizes: { small: { memory: '256' } } },
    Conditions: {
      IsSmall: { 'Fn::Equals': [{ Ref: 'Size' }, 'small'] },
      IsUs: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
      IsBoth: { 'Fn::And': [{ Condition: 'IsSmall' }, { 'Fn::Not': [{ Condition: 'IsUs' }] }] },
    },
  },
  attribute: (logicalId, attribute) =>
    logicalId === 'Table' ? `things${attribute === undefined ? '' : `.${attribute}`}` : undefined,
  exportValue: (name) => (name === 'things-arn' ? 'arn:things' : undefined),
  stackOutput: (stack, output) => (stack === 'data' && output === 'Secret' ? SECRET_ARN : undefined),
  secretString: (id) => (id === SECRET_ARN ? '{"current":"s3cret"}' : undefined),
};
const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:origin-AbCdEf';
const resolve = (value: Json): Json => createResolver(scope).resolve(value);

describe('intrinsic functions', () => {
  test.each<[string, Json, Json]>([
    ['Ref of a resource', { Ref: 'Table' }, 'things'],
    ['Ref of a parameter', { Ref: 'Size' }, 'small'],
    ['Ref of a pseudo parameter', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'things.Arn'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Table.Arn' }, 'things.Arn'],
    ['Sub', { 'Fn::Sub': 'a-${AWS::Region}-${Table}-${Table.Arn}-${!Kept}' }, 'a-eu-west-1-things-things.Arn-${Kept}'],
    ['Sub with variables', { 'Fn::Sub': ['${x}/${Table}', { x: { Ref: 'Size' } }] }, 'small/things'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Table' }, 'b']] }, 'a-things-b'],
    ['Select of Split', { 'Fn::Select': [2, { 'Fn::Split': ['/', 'https://host/path'] }] }, 'host'],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Size' }, 'memory'] }, '256'],
    ['If', { 'Fn::If': ['IsBoth', 'yes', 'no'] }, 'yes'],
    ['ImportValue', { 'Fn::ImportValue': 'things-arn' }, 'arn:things'],
    ['GetStackOutput', { 'Fn::GetStackOutput': { StackName: 'data', OutputName: 'Secret' } }, SECRET_ARN],
  ])('%s', (_name, value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  test('AWS::NoValue takes its member away, in objects and lists', () => {
    const absent: Json = { 'Fn::If': ['IsUs', 'x', { Ref: 'AWS::NoValue' }] };
    expect(resolve({ kept: 1, gone: absent, list: ['a', absent] })).toEqual({ kept: 1, list: ['a'] });
  });

  test('a dynamic reference joined from an ARN yields the key of the secret', () => {
    const output = { 'Fn::GetStackOutput': { StackName: 'data', OutputName: 'Secret' } };
    const joined = { 'Fn::Join': ['', ['{{resolve:secretsmanager:', output, ':SecretString:current::}}']] };
    expect(resolve({ header: joined })).toEqual({ header: 's3cret' });
  });

  test.each<[string, Json, RegExp]>([
    ['a function', { 'Fn::Cidr': ['10.0.0.0/16', 2] }, /Fn::Cidr is not supported locally/],
    ['a dynamic reference', '{{resolve:ssm:/a}}', /dynamic reference \{\{resolve:ssm:\/a\}\} is not supported/],
    ['a resource that is not there', { Ref: 'Gone' }, /Ref "Gone" has no value/],
    ['an attribute that is not there', { 'Fn::GetAtt': ['Gone', 'Arn'] }, /Gone\.Arn has no value/],
    ['an export that is not there', { 'Fn::ImportValue': 'gone' }, /no stack exports "gone"/],
    ['a key that a secret lacks', `{{resolve:secretsmanager:${SECRET_ARN}:SecretString:old}}`, /has no key "old"/],
  ])('%s stops the start by name', (_name, value, message) => {
    expect(() => resolve(value)).toThrow(message);
  });

  test('unsupported functions are found wherever they stand', () => {
    expect(unknownIntrinsics({ a: [{ b: { 'Fn::Transform': {} } }, { 'Fn::Join': ['', []] }] })).toEqual([
      'Fn::Transform',
    ]);
  });

  test('references are found in Ref, GetAtt and Sub, but not the variables of Sub', () => {
    const value: Json = {
      a: { Ref: 'A' },
      b: [{ 'Fn::GetAtt': ['B', 'Arn'] }],
      c: { 'Fn::Sub': ['${C.Arn}${v}${!D}', { v: { Ref: 'E' } }] },
    };
    expect([...referencesIn(value)].toSorted()).toEqual(['A', 'B', 'C', 'E']);
  });
});
