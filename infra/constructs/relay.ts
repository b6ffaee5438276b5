import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../layers/aws/names.ts';
import type { Settings } from '../config.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import type { Buckets } from './buckets.ts';
import { functionCode } from './bundle.ts';
import { GatewayFunction } from './gateway-function.ts';

export interface RelayProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly vault: GatewayFunction;
  readonly buckets: Buckets;
}

/** The data plane: bundled whole, so that a cold start loads one file (docs/decisions/0010). */
export class Relay extends Construct {
  readonly function: GatewayFunction;
  readonly url: lambda.FunctionUrl;
  /** Runs what was kept to be done without its client: the same code, with the same rights. */
  readonly jobs: GatewayFunction;

  constructor(scope: Construct, id: string, props: RelayProps) {
    super(scope, id);
    const { settings, data } = props;
    this.function = new GatewayFunction(this, 'Api', {
      settings,
      name: 'relay',
      failures: 'whoever calls it waits for the answer, which tells of the failure',
      code: functionCode({
        modules: { index: 'functions/relay/index.ts', server: 'functions/relay/server.ts' },
        usesLayer: false,
      }),
      memoryMb: 512,
      // Bounds a whole stream; the relay ends streams itself before this.
      timeout: Duration.minutes(15),
      concurrency: settings.relayConcurrency,
    });
    this.grantDataPlane(this.function, props);
    data.tables.grant(this.function, 'keepContent');
    props.buckets.grantJobs(this.function, 'remove');
    data.secrets.grant(this.function, 'origin');
    props.buckets.grantMedia(this.function, 'invite');
    this.url = this.function.addStreamingUrl();
    this.jobs = this.createJobs(props);
    this.function.grant({
      actions: ['lambda:InvokeFunction'],
      resources: [this.jobs.function.functionArn],
      environment: { [ENVIRONMENT.mediaJobsFunction]: this.jobs.function.functionName },
    });
  }

  private createJobs(props: RelayProps): GatewayFunction {
    const { settings } = props;
    const jobs = new GatewayFunction(this, 'Jobs', {
      settings,
      name: 'media-jobs',
      failures: 'failures go to a destination, which says more than a dead-letter queue of the function would',
      code: functionCode({ modules: { index: 'functions/relay/jobs.ts' }, usesLayer: false }),
      memoryMb: 512,
      timeout: Duration.minutes(15),
      concurrency: settings.relayConcurrency,
    });
    this.grantDataPlane(jobs, props);
    props.data.tables.grant(jobs, 'keepResponses');
    return jobs;
  }

  private grantDataPlane(target: GatewayFunction, { settings, data, buckets, vault }: RelayProps): void {
    target.setEnvironment(ENVIRONMENT.timeZoneOffsetMinutes, String(settings.timeZoneOffsetMinutes));
    // glibc's arenas, one per thread and more, keep what was freed; with two of them resident memory stays flat.
    target.setEnvironment('MALLOC_ARENA_MAX', '2');
    data.tables.grant(
      target,
      'authenticate',
      'noteKeyUses',
      'useCredentials',
      'keepPoolStates',
      'routeModels',
      'recordUsage',
      'indexMedia',
      'keepJobs',
    );
    buckets.grantMedia(target, 'write', 'read');
    buckets.grantListMedia(target);
    buckets.grantJobs(target, 'keep');
    target.setEnvironment(ENVIRONMENT.mostMediaBytes, String(settings.kvCacheMaxBytes));
    data.secrets.grant(target, 'pepper', 'vaultSeed');
    // A token that is over is renewed by the vault, which alone may exchange it.
    target.grant({
      actions: ['lambda:InvokeFunction'],
      resources: [vault.function.functionArn],
      environment: { [ENVIRONMENT.vaultFunction]: vault.function.functionName },
    });
    allowBedrock(target, settings.bedrockModels);
  }
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html */
function allowBedrock(target: GatewayFunction, models: readonly string[] | undefined): void {
  if (models === undefined) return;
  const actions = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
  target.grant({ actions, resources: models });
}
