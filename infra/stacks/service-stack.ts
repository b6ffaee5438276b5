import { DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from '../config.ts';
import { AccessLogs } from '../constructs/access-logs.ts';
import { AdminApi } from '../constructs/admin-api.ts';
import { AdminSite } from '../constructs/admin-site.ts';
import { Alarms } from '../constructs/alarms.ts';
import { Buckets } from '../constructs/buckets.ts';
import { Cdn } from '../constructs/cdn.ts';
import { Relay } from '../constructs/relay.ts';
import { Schedules } from '../constructs/schedules.ts';
import { SharedLayer } from '../constructs/shared-layer.ts';
import { VaultApi } from '../constructs/vault-api.ts';
import type { DataStack } from './data-stack.ts';

export interface ServiceStackProps {
  readonly settings: Settings;
  readonly data: DataStack;
}

/** Everything that can be made anew: functions, buckets, CDN, schedules, alarms. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, {
      description: 'Sluice service: functions, CDN, buckets, schedules, alarms.',
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
    });
    const { settings, data } = props;
    const layer = new SharedLayer(this, 'SharedLayer');
    const deliverySourceName = `sluice-${settings.stage}`;
    const buckets = new Buckets(this, 'Buckets', { logRetentionDays: settings.logRetentionDays, deliverySourceName });
    const shared = { settings, data, layer, buckets };
    const vault = new VaultApi(this, 'Vault', shared);
    const relay = new Relay(this, 'Relay', { settings, data, buckets, vault: vault.function });
    const schedules = new Schedules(this, 'Schedules', { ...shared, mediaJobs: relay.jobs });
    const admin = new AdminApi(this, 'Admin', { ...shared, vault: vault.function, schedules });
    const cdn = new Cdn(this, 'Cdn', {
      settings,
      relay: relay.url,
      admin: admin.url,
      vault: vault.url,
      buckets,
      originHeaderValue: data.secrets.originHeaderValue(),
    });
    new AdminSite(this, 'Console', { settings, bucket: buckets.console });
    new AccessLogs(this, 'AccessLogs', { distribution: cdn.distribution, bucket: buckets.logs, deliverySourceName });
    new Alarms(this, 'Alarms', {
      settings,
      relay: relay.function,
      admin: admin.function,
      vault: vault.function,
      schedules,
    });
  }
}
