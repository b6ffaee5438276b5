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
    this.function.setEnvironment(ENVIRONMENT.timeZoneOffsetMinutes, String(settings.timeZoneOffsetMinutes));
    // glibc's arenas, one per thread and more, keep what was freed; with two of them resident memory stays flat.
    this.function.setEnvironment('MALLOC_ARENA_MAX', '2');
    data.tables.grant(
      this.function,
      'authenticate',
      'noteKeyUses',
      'useCredentials',
      'keepPoolStates',
      'routeModels',
      'recordUsage',
      'keepContent',
      'indexMedia',
    );
    props.buckets.grantMedia(this.function, 'write', 'read');
    props.buckets.grantListMedia(this.function);
    this.function.setEnvironment(ENVIRONMENT.mostMediaBytes, String(settings.kvCacheMaxBytes));
    data.secrets.grant(this.function, 'origin', 'pepper', 'vaultSeed');
    // A token that is over is renewed by the vault, which alone may exchange it.
    this.function.grant({
      actions: ['lambda:InvokeFunction'],
      resources: [props.vault.function.functionArn],
      environment: { [ENVIRONMENT.vaultFunction]: props.vault.function.functionName },
    });
    this.allowBedrock(settings.bedrockModels);
    this.url = this.function.addStreamingUrl();
  }

  /** https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html */
  private allowBedrock(models: readonly string[] | undefined): void {
    if (models === undefined) return;
    const actions = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
    this.function.grant({ actions, resources: models });
  }
}
