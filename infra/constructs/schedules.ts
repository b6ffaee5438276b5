import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENVIRONMENT, type SecretContext } from '../../layers/aws/names.ts';
import type { Settings } from '../config.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { acknowledge } from './acknowledge.ts';
import type { Buckets } from './buckets.ts';
import { functionCode } from './bundle.ts';
import { GatewayFunction, NAME_METADATA } from './gateway-function.ts';
import { grantMail } from './mail.ts';
import type { TableUseName } from './tables.ts';

interface ScheduleFacts {
  /** File in functions/schedules, and the name it is run by. */
  readonly name: string;
  /** Construct id; never changed. */
  readonly id: string;
  /** A fixed tick (it reads its settings when it runs), or null for one that is only run by hand. */
  readonly everyMinutes: number | null;
  readonly timeout: Duration;
  readonly tables: readonly TableUseName[];
  /** It is told the offset of the time zone that days follow. */
  readonly followsDays?: boolean;
  readonly secrets?: readonly SecretContext[];
  readonly sendsMail?: boolean;
  /** It tells CloudWatch what it measures. */
  readonly measures?: boolean;
  /** It has media jobs run. */
  readonly startsJobs?: boolean;
  /** It deletes media that have expired. */
  readonly expiresMedia?: boolean;
}

/** Every timed function: one line more is one more. */
const SCHEDULES: readonly ScheduleFacts[] = [
  {
    name: 'sweep-holds',
    id: 'SweepHolds',
    everyMinutes: 5,
    timeout: Duration.minutes(4),
    tables: ['repairLedger', 'priceUsage'],
  },
  {
    name: 'roll-up-usage',
    id: 'RollUpUsage',
    everyMinutes: 5,
    timeout: Duration.minutes(4),
    tables: ['rollUpUsage'],
    followsDays: true,
  },
  {
    name: 'refresh-credentials',
    id: 'RefreshCredentials',
    everyMinutes: 1,
    timeout: Duration.minutes(5),
    tables: ['findDueTokens', 'rotateTokens', 'takeTurns', 'logChanges', 'readSettings'],
    secrets: ['vaultSeed'],
  },
  {
    name: 'reseal-credentials',
    id: 'ResealCredentials',
    everyMinutes: null,
    timeout: Duration.minutes(5),
    tables: ['resealVault'],
    secrets: ['vaultSeed'],
  },
  {
    name: 'check-credentials',
    id: 'CheckCredentials',
    everyMinutes: 10,
    timeout: Duration.minutes(5),
    tables: ['listPool', 'keepPoolStates', 'readSettings'],
    secrets: ['vaultSeed'],
  },
  {
    name: 'recover-quotas',
    id: 'RecoverQuotas',
    everyMinutes: 20,
    timeout: Duration.minutes(4),
    tables: ['watchPool', 'keepOwners', 'removeOwned', 'removeEntries', 'recoverPools', 'routeModels'],
    followsDays: true,
  },
  {
    name: 'evaluate-alerts',
    id: 'EvaluateAlerts',
    everyMinutes: 2,
    timeout: Duration.minutes(1),
    tables: ['watchUsage', 'watchPool', 'watchBudgets', 'readAlerts', 'keepAlerts'],
    secrets: ['pepper'],
    followsDays: true,
    sendsMail: true,
    measures: true,
  },
  {
    name: 'expire-media',
    id: 'ExpireMedia',
    everyMinutes: 30,
    timeout: Duration.minutes(4),
    tables: [],
    expiresMedia: true,
  },
  {
    name: 'sweep-jobs',
    id: 'SweepJobs',
    everyMinutes: 1,
    timeout: Duration.minutes(1),
    tables: ['sweepJobs'],
    startsJobs: true,
  },
  {
    name: 'replay-usage',
    id: 'ReplayUsage',
    everyMinutes: null,
    timeout: Duration.minutes(1),
    tables: ['replayUsage', 'priceUsage'],
  },
  {
    name: 'migrate-data',
    id: 'MigrateData',
    everyMinutes: null,
    timeout: Duration.minutes(15),
    tables: ['migrateIdentity', 'migrateVault', 'migrateLedger', 'migrateCatalog', 'migrateContent'],
  },
];

export interface SchedulesProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly layer: lambda.ILayerVersion;
  readonly buckets: Buckets;
  /** Who runs media jobs. */
  readonly mediaJobs: GatewayFunction;
}

/** Timed functions. A failed tick is not repeated, the next one comes anyway; it leaves a message in the queue. */
export class Schedules extends Construct {
  readonly functions: readonly GatewayFunction[];
  readonly failures: sqs.Queue;

  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    this.failures = new sqs.Queue(this, 'Failures', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(this.failures, {
      'AwsSolutions-SQS3': 'is itself where failures end',
      'Serverless-SQSRedrivePolicy': 'is itself where failures end',
    });
    this.functions = SCHEDULES.map((facts) => this.createFunction(facts, props));
    // What its runner left is taken up by sweep-jobs, which knows what was sent; a repeat would not.
    this.runOnce(props.mediaJobs);
  }

  /** Gives the right to run each by hand, and their names, in one call. */
  grantRunByHand(target: GatewayFunction): void {
    const names = this.functions.map((one) => `"${one.name}":"${one.function.functionName}"`);
    target.grant({
      actions: ['lambda:InvokeFunction'],
      resources: this.functions.map((one) => one.function.functionArn),
      environment: { [ENVIRONMENT.scheduleFunctions]: `{${names.join(',')}}` },
    });
  }

  private createFunction(facts: ScheduleFacts, props: SchedulesProps): GatewayFunction {
    const created = new GatewayFunction(this, facts.id, {
      settings: props.settings,
      name: facts.name,
      code: functionCode({ modules: { index: `functions/schedules/${facts.name}.ts` }, usesLayer: true }),
      layer: props.layer,
      memoryMb: 512,
      timeout: facts.timeout,
      failures: 'failures go to a destination, which says more than a dead-letter queue of the function would',
    });
    props.data.tables.grant(created, ...facts.tables);
    props.data.secrets.grant(created, ...(facts.secrets ?? []));
    if (facts.sendsMail === true) grantMail(created, props.settings);
    if (facts.measures === true) {
      created.setEnvironment(ENVIRONMENT.metricsNamespace, `Sluice/${props.settings.stage}`);
    }
    if (facts.startsJobs === true) {
      const { function: jobs } = props.mediaJobs;
      created.grant({
        actions: ['lambda:InvokeFunction'],
        resources: [jobs.functionArn],
        environment: { [ENVIRONMENT.mediaJobsFunction]: jobs.functionName },
      });
    }
    if (facts.expiresMedia === true) {
      props.buckets.grantMedia(created, 'delete');
      props.buckets.grantListMedia(created);
      created.setEnvironment(ENVIRONMENT.mediaCleanupBatch, String(props.settings.kvCleanupBatch));
    }
    if (facts.followsDays === true) {
      created.setEnvironment(ENVIRONMENT.timeZoneOffsetMinutes, String(props.settings.timeZoneOffsetMinutes));
    }
    this.runOnce(created);
    if (facts.everyMinutes !== null) this.createSchedule(facts, facts.everyMinutes, created);
    return created;
  }

  /** For what is invoked and not waited for: without this, Lambda's own two repeats come on top. */
  private runOnce(target: GatewayFunction): void {
    target.function.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: Duration.minutes(5),
      // Written out instead of SqsDestination, which also lets the function look the queue up.
      onFailure: { bind: () => ({ destination: this.failures.queueArn }) },
    });
    target.grant({ actions: ['sqs:SendMessage'], resources: [this.failures.queueArn] });
  }

  named(name: string): GatewayFunction {
    const found = this.functions.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no schedule ${name}`);
    return found;
  }

  /** Written out instead of the L2 target, whose role may invoke `function:*`. */
  private createSchedule(facts: ScheduleFacts, everyMinutes: number, target: GatewayFunction): void {
    const role = new iam.Role(target, 'ScheduleRole', {
      description: `Sluice schedule of ${facts.name}`,
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    role.addToPolicy(
      new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.function.functionArn] }),
    );
    role.addToPolicy(new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.failures.queueArn] }));
    const schedule = new scheduler.CfnSchedule(target, 'Schedule', {
      description: `Sluice ${facts.name}`,
      scheduleExpression: everyMinutes === 1 ? 'rate(1 minute)' : `rate(${everyMinutes} minutes)`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: target.function.functionArn,
        roleArn: role.roleArn,
        input: '{}',
        // Scheduler's own defaults, 185 repeats over 24 hours, would turn a broken hour into a storm.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: Math.min(everyMinutes, 5) * 60 },
        deadLetterConfig: { arn: this.failures.queueArn },
      },
    });
    // The policy must be there before the first tick.
    schedule.node.addDependency(role);
    schedule.addMetadata(NAME_METADATA, facts.name);
  }
}
