import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../layers/aws/names.ts';
import type { Settings } from '../config.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import type { Buckets } from './buckets.ts';
import { functionCode } from './bundle.ts';
import { GatewayFunction } from './gateway-function.ts';
import { grantMail } from './mail.ts';
import type { Schedules } from './schedules.ts';

export interface AdminApiProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly layer: lambda.ILayerVersion;
  readonly vault: GatewayFunction;
  readonly schedules: Schedules;
  readonly buckets: Buckets;
}

/** The control plane. It can write a credential, sealed to the vault, and cannot open one. */
export class AdminApi extends Construct {
  readonly function: GatewayFunction;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, props: AdminApiProps) {
    super(scope, id);
    const { settings, data } = props;
    this.function = new GatewayFunction(this, 'Api', {
      settings,
      name: 'admin',
      failures: 'whoever calls it waits for the answer, which tells of the failure',
      code: functionCode({ modules: { index: 'functions/admin/index.ts' }, usesLayer: true }),
      layer: props.layer,
      memoryMb: 512,
      timeout: Duration.seconds(60),
      concurrency: settings.adminConcurrency,
    });
    this.function.setEnvironment(ENVIRONMENT.timeZoneOffsetMinutes, String(settings.timeZoneOffsetMinutes));
    data.tables.grant(
      this.function,
      'manageIdentity',
      'readKeyUses',
      'manageCatalog',
      'manageCredentials',
      'readUsage',
      'grantPlans',
      'manageMedia',
      'manageConversations',
    );
    props.buckets.grantMedia(this.function, 'delete');
    data.secrets.grant(this.function, 'origin', 'pepper', 'signingSeed', 'bootstrapAdmin');
    this.function.grant({
      actions: ['lambda:InvokeFunction'],
      resources: [props.vault.function.functionArn],
      environment: { [ENVIRONMENT.vaultFunction]: props.vault.function.functionName },
    });
    props.schedules.grantRunByHand(this.function);
    grantMail(this.function, settings);
    this.url = this.function.addStreamingUrl();
  }
}
