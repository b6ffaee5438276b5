import { App } from 'aws-cdk-lib';
import { readCdkContext, readSettings } from './config.ts';
import { DataStack } from './stacks/data-stack.ts';
import { ServiceStack } from './stacks/service-stack.ts';

// Started by the CDK's command line or on its own: the context of cdk.json holds in both cases.
const app = new App({
  context: readCdkContext(),
  outdir: process.env.CDK_OUTDIR ?? 'cdk.out',
  analyticsReporting: false,
});
const settings = readSettings((key) => app.node.tryGetContext(key), process.env);
const data = new DataStack(app, `sluice-${settings.stage}-data`, { settings });
new ServiceStack(app, `sluice-${settings.stage}-service`, { settings, data });
app.synth();
