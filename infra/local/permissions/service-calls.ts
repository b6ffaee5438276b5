/**
 * What AWS's own services do with the template's roles: Lambda writes logs and traces and sends failures on, Scheduler
 * invokes functions, function URLs let callers in. None of that is a call that the local stack makes, so each is asked
 * for at the start, as Lambda itself asks when a destination is configured.
 */

import { objectAt, textAt, type Json } from '../json.ts';
import { StartError } from '../start-error.ts';
import type { Resource, Template } from '../template.ts';
import type { AccessControl } from './access.ts';
import { accessKeyIdFor } from '../function-environment.ts';
import { accessKeyIdOf, functionNameOf, scheduleNameOf } from './read-rules.ts';

interface ServiceCall {
  readonly accessKeyId: string;
  readonly action: string;
  readonly resource: string;
  /** `relay could not write its log`. */
  readonly consequence: string;
}

export interface ServiceCallOptions {
  readonly template: Template;
  readonly access: AccessControl;
  readonly region: string;
  readonly accountId: string;
}

/** @throws StartError naming the function or schedule, the action and the resource of what is not allowed. */
export function requireServiceCalls(options: ServiceCallOptions): void {
  const { template, access } = options;
  const ofType = (type: Resource['type']): Resource[] => template.resources.filter((one) => one.type === type);
  const ours = ofType('AWS::Lambda::Function').filter(({ metadata }) => metadata['sluice:name'] !== undefined);
  const calls = [
    ...ours.flatMap((one) => callsForFunction(one, options)),
    ...ofType('AWS::Lambda::EventInvokeConfig').flatMap((one) => callsForFailures(one, ours)),
    ...ofType('AWS::Scheduler::Schedule').flatMap(callsForSchedule),
  ];
  for (const { consequence, ...call } of calls) {
    const denial = access.check(call);
    if (denial !== undefined) {
      throw new StartError(`${consequence}: its role does not allow ${denial.action} on ${denial.resource}.`);
    }
  }
  const permissions = ofType('AWS::Lambda::Permission').map((one) => one.properties());
  for (const url of ofType('AWS::Lambda::Url')) requireOpenUrl(url, permissions, ours);
}

function callsForFunction(resource: Resource, { region, accountId }: ServiceCallOptions): ServiceCall[] {
  const properties = resource.properties();
  const functionName = resource.physicalId();
  const name = functionNameOf(resource);
  const accessKeyId = accessKeyIdFor(functionName);
  const group = textAt(objectAt(properties['LoggingConfig'])['LogGroup']) ?? `/aws/lambda/${functionName}`;
  const stream = `arn:aws:logs:${region}:${accountId}:log-group:${group}:log-stream:local`;
  const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
    accessKeyId,
    action,
    resource: stream,
    consequence: `${name} could not write its log`,
  }));
  if (objectAt(properties['TracingConfig'])['Mode'] !== 'Active') return logs;
  const traces = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'].map((action) => ({
    accessKeyId,
    action,
    resource: '*',
    consequence: `${name} could not write its traces`,
  }));
  return [...logs, ...traces];
}

function callsForFailures(resource: Resource, functions: readonly Resource[]): ServiceCall[] {
  const properties = resource.properties();
  const functionName = textAt(properties['FunctionName']) ?? '';
  const target = functions.find((one) => one.physicalId() === functionName);
  const name = target === undefined ? functionName : functionNameOf(target);
  return Object.values(objectAt(properties['DestinationConfig'])).map((destination) => {
    const arn = textAt(objectAt(destination)['Destination']) ?? '';
    const consequence = `What becomes of ${name} could not be sent on`;
    return { accessKeyId: accessKeyIdFor(functionName), ...sendingTo(arn), consequence };
  });
}

function callsForSchedule(resource: Resource): ServiceCall[] {
  const target = objectAt(resource.properties()['Target']);
  const accessKeyId = accessKeyIdOf(resource);
  const name = scheduleNameOf(resource);
  const arn = textAt(target['Arn']) ?? '';
  const failures = textAt(objectAt(target['DeadLetterConfig'])['Arn']);
  const tick = { accessKeyId, ...sendingTo(arn), consequence: `The ${name} could not tick` };
  if (failures === undefined) return [tick];
  return [
    tick,
    { accessKeyId, ...sendingTo(failures), consequence: `A failed tick of the ${name} could not be reported` },
  ];
}

const SENDING: Readonly<Record<string, string>> = {
  lambda: 'lambda:InvokeFunction',
  sqs: 'sqs:SendMessage',
  sns: 'sns:Publish',
};

function sendingTo(arn: string): { action: string; resource: string } {
  const action = SENDING[arn.split(':')[2] ?? ''];
  if (action !== undefined) return { action, resource: arn };
  throw new StartError(`The local stack does not know how something is sent to ${arn}.`);
}

/** Both rights are asked for since October 2025: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
function requireOpenUrl(
  url: Resource,
  permissions: readonly Record<string, Json>[],
  functions: readonly Resource[],
): void {
  const properties = url.properties();
  const arn = textAt(properties['TargetFunctionArn']) ?? '';
  const target = functions.find((one) => arn.endsWith(`:${one.physicalId()}`));
  const name = target === undefined ? arn : functionNameOf(target);
  if (properties['AuthType'] !== 'NONE') {
    throw new StartError(`The function URL of ${name} has another AuthType than NONE, which does not run locally.`);
  }
  const isGranted = (action: string, condition: string): boolean =>
    permissions.some(
      (one) =>
        one['FunctionName'] === arn && one['Action'] === action && one['Principal'] === '*' && isSet(one[condition]),
    );
  const missing = [
    ['lambda:InvokeFunctionUrl', 'FunctionUrlAuthType'] as const,
    ['lambda:InvokeFunction', 'InvokedViaFunctionUrl'] as const,
  ].find(([action, condition]) => !isGranted(action, condition));
  if (missing === undefined) return;
  throw new StartError(`The function URL of ${name} lets nobody in: no permission for ${missing[0]} to everybody.`);
}

function isSet(value: Json | undefined): boolean {
  return value === 'NONE' || String(value) === 'true';
}
