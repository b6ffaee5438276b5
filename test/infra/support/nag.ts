import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks, type NagPack } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { readCdkContext, readSettings } from '../../../infra/config.ts';
import { readCloudAssembly } from '../../../infra/local/cloud-assembly.ts';
import { listGrants } from '../../../infra/local/permissions/grants.ts';
import { readAccessRules } from '../../../infra/local/permissions/read-rules.ts';
import { readTemplate } from '../../../infra/local/template.ts';
import { DataStack } from '../../../infra/stacks/data-stack.ts';
import { ServiceStack } from '../../../infra/stacks/service-stack.ts';
import { builtConsole } from './synthesize.ts';

interface Finding {
  readonly rule: string;
  readonly path: string;
}

interface Acknowledgement extends Finding {
  readonly reason: string;
}

export interface NagRun {
  /** What synth said of both packs; undefined when nothing stands that is not acknowledged. */
  readonly failure: unknown;
  /** Everything that the packs find when nothing is acknowledged. */
  readonly found: readonly Finding[];
  readonly acknowledged: readonly Acknowledgement[];
  /** Rights by holder, as the local stack reads them. */
  readonly grants: readonly string[];
}

/** Synthesizes the app once, without building code, under both packs. */
export function runNag(): NagRun {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-nag-'));
  try {
    const adminWebDirectory = builtConsole(path.join(directory, 'dist'));
    const outdir = path.join(directory, 'cdk.out');
    const context = {
      ...readCdkContext(),
      // With a sender the template has the rights to send, too.
      mailFrom: 'gateway@example.com',
      'aws:cdk:bundling-stacks': [],
      'aws:cdk:disable-asset-staging': true,
    };
    const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: false, context });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
    const settings = readSettings(
      (key) => (key === 'adminWebDirectory' ? adminWebDirectory : app.node.tryGetContext(key)),
      {},
    );
    const data = new DataStack(app, 'data', { settings });
    new ServiceStack(app, 'service', { settings, data });
    const failure = failureOf(() => app.synth());
    return {
      failure,
      found: [new AwsSolutionsChecks(), new ServerlessChecks()].flatMap((pack) => findAll(pack, app)),
      acknowledged: app.node.findAll().flatMap(acknowledgementsOf),
      grants: readGrants(outdir),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function failureOf(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The pack as it is but for its ear for acknowledgements. */
function findAll(pack: NagPack, app: App): Finding[] {
  Reflect.set(pack, 'isAcknowledged', () => false);
  return pack
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => ({ rule: ruleName, path: constructPath ?? '' })),
    );
}

function acknowledgementsOf(construct: IConstruct): Acknowledgement[] {
  return construct.node.metadata
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries(data as Record<string, string>))
    .map(([id, reason]) => ({ rule: id.replace(/^annotation::/i, ''), path: construct.node.path, reason }));
}

function readGrants(outdir: string): string[] {
  const place = { region: 'us-east-1', accountId: '000000000000' };
  const assembly = readCloudAssembly(outdir);
  const template = readTemplate({ assembly, ...place, secretString: () => 'a secret' });
  for (const { type, stackName, logicalId } of template.resources) {
    if (type !== 'AWS::SecretsManager::Secret') continue;
    const arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${stackName}-${logicalId}-AbCdEf`;
    template.names.set(stackName, logicalId, undefined, arn);
  }
  return listGrants(readAccessRules({ template, ...place }));
}
