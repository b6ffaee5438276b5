import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readCdkContext, readSettings } from '../../infra/config.ts';
import { DataStack } from '../../infra/stacks/data-stack.ts';
import { ServiceStack } from '../../infra/stacks/service-stack.ts';
import { builtConsole } from './support/synthesize.ts';

/** Every finding of the AWS Solutions rules that stands, where, and why. A new one, or one that is gone, fails here. */
const ACCEPTED: { rule: string; where: string[]; because: string }[] = [
  {
    rule: 'AwsSolutions-SMG4',
    where: ['BootstrapAdminSecret', 'OriginSecret', 'PepperSecret', 'SigningSeedSecret', 'VaultSeedSecret'],
    because:
      'a new pepper or seed is a new version beside the old ones, which stored data still needs; the origin secret changes together with the distribution; the first password is changed at its first use',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    where: [
      'Admin/Api/Role',
      'Relay/Api/Role',
      'MigrateData/Role',
      'ReplayUsage/Role',
      'RollUpUsage/Role',
      'SweepHolds/Role',
      'Vault/Api/Role',
    ],
    because: 'traces: X-Ray has no resources to name',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::<BucketsConsole7E773DA5.Arn>/*]',
    where: ['Console/Role'],
    because: 'the files of one bucket, whose names carry hashes',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*]',
    where: ['Console/Role'],
    because: 'the staged console, whose name is its hash',
  },
  { rule: 'AwsSolutions-SQS3', where: ['Schedules/Failures'], because: 'is itself where failures end' },
  { rule: 'AwsSolutions-CFR1', where: ['Cdn/Distribution'], because: 'a gateway has callers in every country' },
  {
    rule: 'AwsSolutions-CFR2',
    where: ['Cdn/Distribution'],
    because: 'body rules take prompts for attacks and cost more than the rest of the stack; keys and limits guard it',
  },
  { rule: 'AwsSolutions-CFR3', where: ['Cdn/Distribution'], because: 'the rule knows only the older logging' },
  {
    rule: 'AwsSolutions-CFR4',
    where: ['Cdn/Distribution'],
    because: 'only without a domain of its own: the default certificate cannot be held to TLS 1.2',
  },
  {
    rule: 'AwsSolutions-L1',
    where: ['Custom::CDKBucketDeployment'],
    because: "the CDK's own helper, which it moves to newer runtimes",
  },
];

interface Report {
  pluginReports: { violations: { ruleName: string; violatingConstructs: { constructPath: string }[] }[] }[];
}

test('the AWS Solutions rules find what is listed here with its reason, and nothing else', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-nag-'));
  try {
    const adminWebDirectory = builtConsole(path.join(directory, 'dist'));
    const outdir = path.join(directory, 'cdk.out');
    const context = { ...readCdkContext(), 'aws:cdk:bundling-stacks': [], 'aws:cdk:disable-asset-staging': true };
    const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: false, context });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const settings = readSettings(
      (key) => (key === 'adminWebDirectory' ? adminWebDirectory : app.node.tryGetContext(key)),
      {},
    );
    const data = new DataStack(app, 'data', { settings });
    new ServiceStack(app, 'service', { settings, data });
    // Findings fail synth, after they are written down.
    expect(() => app.synth()).toThrow();

    const report = JSON.parse(readFileSync(path.join(outdir, 'validation-report.json'), 'utf8')) as Report;
    const found = report.pluginReports
      .flatMap((plugin) => plugin.violations)
      .flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map((one) => `${ruleName} ${one.constructPath}`),
      );
    const unexplained = found.filter(
      (finding) =>
        !ACCEPTED.some(
          ({ rule, where }) => finding.startsWith(`${rule} `) && where.some((part) => finding.includes(part)),
        ),
    );
    expect(unexplained).toEqual([]);
    const gone = ACCEPTED.flatMap(({ rule, where }) => where.map((part) => ({ rule, part }))).filter(
      ({ rule, part }) => !found.some((finding) => finding.startsWith(`${rule} `) && finding.includes(part)),
    );
    expect(gone).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
