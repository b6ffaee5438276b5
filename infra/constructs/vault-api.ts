import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../layers/aws/names.ts';
import type { Settings } from '../config.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { functionCode } from './bundle.ts';
import { GatewayFunction } from './gateway-function.ts';

export interface VaultApiProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly layer: lambda.ILayerVersion;
}

/** The only function that opens credentials for anything but relaying. */
export class VaultApi extends Construct {
  readonly function: GatewayFunction;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, props: VaultApiProps) {
    super(scope, id);
    const { settings, data } = props;
    this.function = new GatewayFunction(this, 'Api', {
      settings,
      name: 'vault',
      failures: 'whoever calls it waits for the answer, which tells of the failure',
      code: functionCode({ modules: { index: 'functions/vault/index.ts' }, usesLayer: true }),
      layer: props.layer,
      memoryMb: 256,
      timeout: Duration.seconds(60),
      concurrency: settings.vaultConcurrency,
    });
    this.function.setEnvironment(ENVIRONMENT.publicApiPrefix, `/${settings.publicApiPrefix}`);
    data.tables.grant(this.function, 'publishKeys', 'vendTokens', 'rotateTokens', 'noteMachineUses', 'countTries');
    // What an operator's test of a credential shows is known to the pool.
    data.tables.grant(this.function, 'keepPoolStates');
    data.secrets.grant(this.function, 'origin', 'pepper', 'vaultSeed');
    this.url = this.function.addStreamingUrl();
  }
}
