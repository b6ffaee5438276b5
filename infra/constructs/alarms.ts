import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Settings } from '../config.ts';
import type { GatewayFunction } from './gateway-function.ts';
import type { Schedules } from './schedules.ts';

const FIVE_MINUTES = Duration.minutes(5);

export interface AlarmsProps {
  readonly settings: Settings;
  readonly relay: GatewayFunction;
  readonly admin: GatewayFunction;
  readonly vault: GatewayFunction;
  readonly schedules: Schedules;
}

interface AlarmFacts {
  /** Construct id and heading in docs/runbook.md. */
  readonly id: string;
  readonly says: string;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  /** Periods in a row that must be bad. */
  readonly periods: number;
}

/** Every alarm, each with its heading in docs/runbook.md, and a dashboard of the same figures. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const topic = this.createTopic(props.settings.alarmEmail);
    const facts = this.listAlarms(props);
    for (const one of facts) {
      const alarm = new cloudwatch.Alarm(this, one.id, {
        alarmDescription: `${one.says} What to do: docs/runbook.md#${one.id.toLowerCase()}`,
        metric: one.metric,
        threshold: one.threshold,
        evaluationPeriods: one.periods,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
      if (topic !== null) alarm.addAlarmAction(new SnsAction(topic));
    }
    new cloudwatch.Dashboard(this, 'Dashboard', {
      widgets: [
        facts.map((one) => new cloudwatch.GraphWidget({ title: one.id, left: [one.metric], width: 6, height: 6 })),
      ],
    });
  }

  private createTopic(email: string | undefined): sns.Topic | null {
    if (email === undefined) return null;
    const topic = new sns.Topic(this, 'Topic', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(email));
    return topic;
  }

  private listAlarms(props: AlarmsProps): AlarmFacts[] {
    return [
      ...this.listRelayAlarms(props),
      {
        id: 'AdminErrors',
        says: 'The admin function fails or times out.',
        metric: props.admin.function.metricErrors({ period: FIVE_MINUTES }),
        threshold: 0,
        periods: 1,
      },
      {
        id: 'VaultErrors',
        says: 'The vault function fails or times out.',
        metric: props.vault.function.metricErrors({ period: FIVE_MINUTES }),
        threshold: 0,
        periods: 1,
      },
      {
        id: 'ScheduleFailures',
        says: 'A schedule failed or did not start.',
        metric: props.schedules.failures.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES }),
        threshold: 0,
        periods: 1,
      },
      ...this.listLogAlarms(props),
    ];
  }

  /** Of what functions say in their logs. */
  private listLogAlarms(props: AlarmsProps): AlarmFacts[] {
    return [
      {
        id: 'WrongOriginSecret',
        says: 'Somebody calls the functions without going through the CDN.',
        metric: this.countRefusedOrigins(props),
        threshold: 20,
        periods: 1,
      },
      {
        id: 'LedgerDrift',
        says: 'Stored sums of usage differ from what their events add up to.',
        metric: this.countDrift(props),
        threshold: 0,
        periods: 1,
      },
      {
        id: 'CredentialTokens',
        says: 'A refresh token was refused, may have been used up in vain, or tokens could not be saved.',
        metric: this.countTokenEvents(props),
        threshold: 0,
        periods: 1,
      },
      {
        id: 'UsageNotSettled',
        says: 'Figures of requests could not be written, or came after they were taken for dead.',
        metric: this.countUnsettled(props),
        threshold: 0,
        periods: 1,
      },
    ];
  }

  private listRelayAlarms(props: AlarmsProps): AlarmFacts[] {
    const relay = props.relay.function;
    return [
      {
        id: 'RelayErrors',
        says: 'The relay function fails or times out.',
        metric: relay.metricErrors({ period: FIVE_MINUTES }),
        threshold: 0,
        periods: 1,
      },
      {
        id: 'RelayServerErrors',
        says: 'The relay answers 5xx.',
        metric: urlMetric(props.relay, 'Url5xxCount'),
        threshold: 5,
        periods: 2,
      },
      {
        id: 'RelayThrottles',
        says: 'Calls to the relay are refused for want of concurrency.',
        metric: relay.metricThrottles({ period: FIVE_MINUTES }),
        threshold: 0,
        periods: 1,
      },
      {
        id: 'RelaySlow',
        says: 'One relay call in twenty lasts over ten minutes; the limit is fifteen.',
        metric: relay.metricDuration({ period: FIVE_MINUTES, statistic: 'p95' }),
        threshold: Duration.minutes(10).toMilliseconds(),
        periods: 3,
      },
      {
        id: 'RelayMemory',
        says: 'A relay environment uses over 85 % of its memory.',
        metric: this.memoryUsed(props),
        threshold: 85,
        periods: 3,
      },
    ];
  }

  /**
   * Lambda's own report of each call says how much memory its environment ever used, in MB
   * (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html, `platform.report`).
   */
  private memoryUsed(props: AlarmsProps): cloudwatch.MathExpression {
    const name = { metricNamespace: `Sluice/${props.settings.stage}`, metricName: 'RelayMemoryMb' };
    new logs.MetricFilter(props.relay, 'MemoryMb', {
      logGroup: props.relay.logGroup,
      filterPattern: logs.FilterPattern.stringValue('$.type', '=', 'platform.report'),
      metricValue: '$.record.metrics.maxMemoryUsedMB',
      ...name,
    });
    const used = new cloudwatch.Metric({
      namespace: name.metricNamespace,
      metricName: name.metricName,
      statistic: 'Maximum',
      period: FIVE_MINUTES,
    });
    return new cloudwatch.MathExpression({
      expression: `100 * used / ${props.relay.memoryMb}`,
      usingMetrics: { used },
      label: 'Memory used (%)',
      period: FIVE_MINUTES,
    });
  }

  /** Layers/core/metering/roll-up-work.ts logs each closed time slice that comes out different, and each late figure lost. */
  private countDrift(props: AlarmsProps): cloudwatch.Metric {
    const name = { metricNamespace: `Sluice/${props.settings.stage}`, metricName: 'LedgerDrift' };
    const job = props.schedules.named('roll-up-usage');
    new logs.MetricFilter(job, 'LedgerDrift', {
      logGroup: job.logGroup,
      filterPattern: logs.FilterPattern.any(
        ...['ledger_drift', 'late_closing_lost', 'roll_up_incomplete'].map((event) =>
          logs.FilterPattern.stringValue('$.event', '=', event),
        ),
      ),
      metricValue: '1',
      ...name,
    });
    return new cloudwatch.Metric({
      namespace: name.metricNamespace,
      metricName: name.metricName,
      statistic: 'Sum',
      period: FIVE_MINUTES,
    });
  }

  /** Layers/core/credentials/refresh/outcome.ts lists what somebody has to know of. */
  private countTokenEvents(props: AlarmsProps): cloudwatch.Metric {
    const name = { metricNamespace: `Sluice/${props.settings.stage}`, metricName: 'CredentialTokens' };
    for (const one of [props.vault, props.schedules.named('refresh-credentials')]) {
      new logs.MetricFilter(one, 'CredentialTokens', {
        logGroup: one.logGroup,
        filterPattern: logs.FilterPattern.any(
          ...[
            'credential_refresh_ambiguous',
            'credential_refresh_token_invalid',
            'credential_refresh_failing',
            'credential_tokens_*',
          ].map((event) => logs.FilterPattern.stringValue('$.event', '=', event)),
        ),
        metricValue: '1',
        ...name,
      });
    }
    return new cloudwatch.Metric({
      namespace: name.metricNamespace,
      metricName: name.metricName,
      statistic: 'Sum',
      period: FIVE_MINUTES,
    });
  }

  /** Layers/core/metering/settlement.ts logs so what no repair can bring back, with the figures. */
  private countUnsettled(props: AlarmsProps): cloudwatch.Metric {
    const name = { metricNamespace: `Sluice/${props.settings.stage}`, metricName: 'UsageNotSettled' };
    new logs.MetricFilter(props.relay, 'UsageNotSettled', {
      logGroup: props.relay.logGroup,
      filterPattern: logs.FilterPattern.any(
        ...['usage_not_closed', 'late_figures'].map((event) => logs.FilterPattern.stringValue('$.event', '=', event)),
      ),
      metricValue: '1',
      ...name,
    });
    return new cloudwatch.Metric({
      namespace: name.metricNamespace,
      metricName: name.metricName,
      statistic: 'Sum',
      period: FIVE_MINUTES,
    });
  }

  /** The door logs each refusal so (layers/aws/lambda/door.ts); all three functions count into one metric. */
  private countRefusedOrigins(props: AlarmsProps): cloudwatch.Metric {
    const name = { metricNamespace: `Sluice/${props.settings.stage}`, metricName: 'WrongOriginSecret' };
    for (const one of [props.relay, props.admin, props.vault]) {
      new logs.MetricFilter(one, 'WrongOriginSecret', {
        logGroup: one.logGroup,
        filterPattern: logs.FilterPattern.all(
          logs.FilterPattern.stringValue('$.event', '=', 'door_error'),
          logs.FilterPattern.stringValue('$.code', '=', 'origin_refused'),
        ),
        metricValue: '1',
        ...name,
      });
    }
    return new cloudwatch.Metric({
      namespace: name.metricNamespace,
      metricName: name.metricName,
      statistic: 'Sum',
      period: FIVE_MINUTES,
    });
  }
}

function urlMetric(target: GatewayFunction, metricName: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: target.function.functionName },
    statistic: 'Sum',
    period: FIVE_MINUTES,
  });
}
