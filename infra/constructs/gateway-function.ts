import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../layers/aws/names.ts';
import type { Settings } from '../config.ts';
import { acknowledge } from './acknowledge.ts';

/** Names a resource for whoever reads the template (the local stack, alarms, people). */
export const NAME_METADATA = 'sluice:name';

export interface GatewayFunctionProps {
  readonly settings: Settings;
  /** The name that the rest of the system knows it by: `relay`, `sweep-holds`. */
  readonly name: string;
  readonly code: lambda.Code;
  readonly memoryMb: number;
  /** How long one invocation may last; for a function behind the CDN, the whole stream. */
  readonly timeout: Duration;
  readonly layer?: lambda.ILayerVersion;
  /** Cost fuse: the most that may run at once. */
  readonly concurrency?: number | undefined;
  /** Where a call goes that nobody waits for and that failed. */
  readonly failures: string;
}

/** A right, and the name it is for: given together, so that a function never has one without the other. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, unknown>> | undefined;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A function with the house's defaults; what is special about each is said by its own construct. */
export class GatewayFunction extends Construct {
  readonly name: string;
  readonly function: lambda.Function;
  readonly logGroup: logs.LogGroup;
  readonly timeout: Duration;
  readonly memoryMb: number;
  private readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: GatewayFunctionProps) {
    super(scope, id);
    this.name = props.name;
    this.timeout = props.timeout;
    this.memoryMb = props.memoryMb;
    this.logGroup = new logs.LogGroup(this, 'Logs', {
      retention: props.settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Not AWSLambdaBasicExecutionRole: that may write to every log group of the account.
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `Sluice ${props.name}`,
    });
    this.function = new lambda.Function(this, 'Function', {
      description: `Sluice ${props.name}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: props.code,
      role: this.role,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      logGroup: this.logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      tracing: lambda.Tracing.ACTIVE,
      environment: { [ENVIRONMENT.buildId]: props.settings.buildId },
      ...(props.layer === undefined ? {} : { layers: [props.layer] }),
      ...(props.concurrency === undefined ? {} : { reservedConcurrentExecutions: props.concurrency }),
    });
    (this.function.node.defaultChild as lambda.CfnFunction).addMetadata(NAME_METADATA, props.name);
    acknowledge(this.role, { 'AwsSolutions-IAM5[Resource::*]': 'traces: X-Ray has no resources to name' });
    acknowledge(this.function, { 'Serverless-LambdaDLQ': props.failures });
    this.grant({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [this.logGroup.logGroupArn],
    });
  }

  grant(grant: Grant): void {
    this.role.addToPolicy(
      new iam.PolicyStatement({
        actions: [...grant.actions],
        resources: [...grant.resources],
        ...(grant.conditions === undefined ? {} : { conditions: grant.conditions }),
      }),
    );
    for (const [name, value] of Object.entries(grant.environment ?? {})) this.setEnvironment(name, value);
  }

  /** Findings of cdk-nag about what it was granted. */
  acknowledgeGrants(findings: Readonly<Record<string, string>>): void {
    acknowledge(this.role, findings);
  }

  /** For values that are not the name of something granted. */
  setEnvironment(name: string, value: string): void {
    this.function.addEnvironment(name, value);
  }

  /** A streaming address; the origin secret guards it, since OAC breaks the POSTs of SDKs (docs/decisions/0011). */
  addStreamingUrl(): lambda.FunctionUrl {
    return this.function.addFunctionUrl({
      authType: lambda.FunctionUrlAuthType.NONE,
      invokeMode: lambda.InvokeMode.RESPONSE_STREAM,
    });
  }
}
