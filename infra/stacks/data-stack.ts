import { CfnOutput, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DATA_VERSION } from '../../layers/aws/names.ts';
import type { Settings } from '../config.ts';
import { Secrets } from '../constructs/secrets.ts';
import { Tables } from '../constructs/tables.ts';

export interface DataStackProps {
  readonly settings: Settings;
}

/** What must outlive every deployment: tables and secrets. */
export class DataStack extends Stack {
  readonly tables: Tables;
  readonly secrets: Secrets;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, {
      description: 'Sluice data: tables and secrets. Retained when the stack goes.',
      terminationProtection: true,
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
    });
    // Who brings the stack up over existing data reads here whether it has to be migrated first.
    this.templateOptions.metadata = { 'sluice:dataVersion': DATA_VERSION };
    this.tables = new Tables(this, 'Tables', props.settings);
    this.secrets = new Secrets(this, 'Secrets');
    new CfnOutput(this, 'BootstrapAdmin', {
      description: 'Secret with the first administrator name and password',
      value: this.secrets.arn('bootstrapAdmin'),
    });
  }
}
