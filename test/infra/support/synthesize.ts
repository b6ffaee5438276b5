import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { readCdkContext, readSettings } from '../../../infra/config.ts';
import { DataStack } from '../../../infra/stacks/data-stack.ts';
import { ServiceStack } from '../../../infra/stacks/service-stack.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly Metadata?: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface SynthesizedTemplate {
  readonly Resources: Record<string, Resource>;
  readonly Outputs: Record<string, { Value: unknown }>;
}

export interface Synthesized {
  readonly data: SynthesizedTemplate;
  readonly service: SynthesizedTemplate;
  readonly terminationProtection: boolean | undefined;
}

/** A console that is built enough to be deployed. */
export function builtConsole(directory: string): string {
  mkdirSync(path.join(directory, 'assets'), { recursive: true });
  writeFileSync(path.join(directory, 'index.html'), '<!doctype html>');
  writeFileSync(path.join(directory, 'assets/index-1a2b3c.js'), 'export {};');
  return directory;
}

/** Both templates as they would be deployed, without building any function's code. */
export function synthesize(context: Record<string, unknown> = {}): Synthesized {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-synth-'));
  try {
    const app = new App({
      outdir: path.join(directory, 'cdk.out'),
      analyticsReporting: false,
      // CloudFormation's own rules take seconds; app.test.ts has them run once.
      builtinCloudFormationValidation: false,
      context: {
        ...readCdkContext(),
        'aws:cdk:bundling-stacks': [],
        'aws:cdk:disable-asset-staging': true,
        ...context,
      },
    });
    const given = { adminWebDirectory: builtConsole(path.join(directory, 'dist')) };
    const settings = readSettings((key) => app.node.tryGetContext(key) ?? Reflect.get(given, key), {});
    const data = new DataStack(app, `sluice-${settings.stage}-data`, { settings });
    const service = new ServiceStack(app, `sluice-${settings.stage}-service`, { settings, data });
    return {
      data: Template.fromStack(data).toJSON() as SynthesizedTemplate,
      service: Template.fromStack(service).toJSON() as SynthesizedTemplate,
      terminationProtection: data.terminationProtection,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Resources of one type, with their logical ids. */
export function resourcesOf(template: SynthesizedTemplate, type: string): [string, Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** Functions of ours (not the helpers that the CDK adds) by their names in the system. */
export function functionsByName(template: SynthesizedTemplate): Map<string, Resource> {
  const named = resourcesOf(template, 'AWS::Lambda::Function').flatMap(([, resource]) => {
    const name = resource.Metadata?.['sluice:name'];
    return typeof name === 'string' ? [[name, resource] as const] : [];
  });
  return new Map(named);
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

export function actionsOf(statement: Statement): string[] {
  return [statement.Action].flat();
}

/** The statements of the role that a function or schedule runs with. */
export function statementsOf(template: SynthesizedTemplate, roleReference: unknown): Statement[] {
  const role = (roleReference as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
  return resourcesOf(template, 'AWS::IAM::Policy')
    .filter(([, policy]) => JSON.stringify(policy.Properties.Roles).includes(`"${role}"`))
    .flatMap(([, policy]) => (policy.Properties.PolicyDocument as { Statement: Statement[] }).Statement);
}
