import type { Language } from '../mail/language.ts';
import { metricFacts, type MetricName } from './metrics.ts';
import type { Alert, NoticeKind, ResolvedBecause, Severity } from './store.ts';

/** What people read of an alert, in each language. */

const METRIC_NAMES: Readonly<Record<MetricName, Record<Language, string>>> = {
  errorRate: { en: 'Error rate', zh: '错误率' },
  faultRate: { en: 'Rate of failures on our side', zh: '服务端故障率' },
  meanFirstByteMs: { en: 'Mean time to the first byte', zh: '平均首字节时间' },
  p95FirstByteMs: { en: 'Time to the first byte (p95)', zh: '首字节时间 (p95)' },
  meanDurationMs: { en: 'Mean duration', zh: '平均耗时' },
  p95DurationMs: { en: 'Duration (p95)', zh: '耗时 (p95)' },
  requests: { en: 'Requests', zh: '请求数' },
  tokens: { en: 'Tokens', zh: '令牌数' },
  costMicros: { en: 'Cost', zh: '费用' },
  storesDown: { en: 'Stores that do not answer', zh: '无响应的存储' },
  upstreamsDown: { en: 'Upstreams that fail', zh: '不可用的上游' },
  credentialsNeedingAttention: { en: 'Credentials that need attention', zh: '需要处理的凭证' },
  budgetUsedPercent: { en: 'Monthly budget used', zh: '月度预算使用率' },
  ledgerDrift: { en: 'Sums that differ from their events', zh: '与事件不一致的汇总' },
  abandonedRequests: { en: 'Requests that nobody settled', zh: '未结算的请求' },
  lateUsage: { en: 'Figures that came too late', zh: '迟到的用量' },
  scheduleDelayMinutes: { en: 'Delay of scheduled work', zh: '定时任务延迟' },
  memoryPercent: { en: 'Memory used', zh: '内存使用率' },
};

const SEVERITY_NAMES: Readonly<Record<Severity, Record<Language, string>>> = {
  info: { en: 'INFO', zh: '提示' },
  warning: { en: 'WARNING', zh: '警告' },
  critical: { en: 'CRITICAL', zh: '严重' },
};

const ENDINGS: Readonly<Record<ResolvedBecause, Record<Language, string>>> = {
  recovered: { en: 'It is back to normal.', zh: '已恢复正常。' },
  'no-data': {
    en: 'It ended because nothing was measured any more; that is not the same as all being well.',
    zh: '由于不再有测量数据而结束，这并不代表一切正常。',
  },
  'switched-off': { en: 'Its rule was switched off.', zh: '规则已停用。' },
};

const RUNBOOK = 'docs/runbook.md';

export interface AlertWords {
  subject: string;
  lines: string[];
}

/** Where to read on: a heading of the runbook for the rules of ours, the page as a whole for others. */
export function runbookOf({ ruleId }: Pick<Alert, 'ruleId'>, builtInIds: ReadonlySet<string>): string {
  return builtInIds.has(ruleId) ? `${RUNBOOK}#${ruleId}` : RUNBOOK;
}

export function wordsOf(
  { kind, alert, runbook }: { kind: NoticeKind; alert: Alert; runbook: string },
  language: Language,
): AlertWords {
  const words = language === 'zh' ? chinese(kind, alert) : english(kind, alert);
  const readOn = language === 'zh' ? `处理方法：${runbook}` : `What to do: ${runbook}`;
  return { subject: words.subject, lines: [...words.lines, readOn] };
}

/** One sentence, for lists. */
export function summaryOf(alert: Alert, language: Language): string {
  const { metric, comparison, threshold, windowMinutes } = alert;
  const name = METRIC_NAMES[metric][language];
  const value = formatValue(metric, alert.value, language);
  const limit = `${comparison} ${formatValue(metric, threshold, language)}`;
  return language === 'zh'
    ? `${name}：${value}（条件 ${limit}，${windowMinutes} 分钟）`
    : `${name}: ${value} (rule ${limit}, ${windowMinutes} min)`;
}

function english(kind: NoticeKind, alert: Alert): AlertWords {
  const { ruleName, severity, firedAt, resolved, subjects } = alert;
  const told = {
    'alert.fired': SEVERITY_NAMES[severity].en,
    'alert.reminded': `${SEVERITY_NAMES[severity].en}, still going on`,
    'alert.resolved': resolved?.because === 'recovered' ? 'RESOLVED' : 'ENDED',
    'alert.test': 'TEST',
  }[kind];
  return {
    subject: `[Sluice] ${told}: ${ruleName}`,
    lines: [
      ...(kind === 'alert.test' ? ['This is a test of an alert; nothing is wrong.'] : []),
      `${summaryOf(alert, 'en')}.`,
      ...(subjects.length > 0 ? [`Concerned: ${listed(subjects)}`] : []),
      `Since ${isoOf(firedAt)}.`,
      ...(resolved ? [`${ENDINGS[resolved.because].en} ${isoOf(resolved.at)}`] : []),
    ],
  };
}

function chinese(kind: NoticeKind, alert: Alert): AlertWords {
  const { ruleName, severity, firedAt, resolved, subjects } = alert;
  const told = {
    'alert.fired': SEVERITY_NAMES[severity].zh,
    'alert.reminded': `${SEVERITY_NAMES[severity].zh}（持续中）`,
    'alert.resolved': resolved?.because === 'recovered' ? '已恢复' : '已结束',
    'alert.test': '测试',
  }[kind];
  return {
    subject: `[Sluice] ${told}：${ruleName}`,
    lines: [
      ...(kind === 'alert.test' ? ['这是一条测试告警，系统没有异常。'] : []),
      `${summaryOf(alert, 'zh')}。`,
      ...(subjects.length > 0 ? [`涉及：${listed(subjects)}`] : []),
      `开始时间：${isoOf(firedAt)}`,
      ...(resolved ? [`${ENDINGS[resolved.because].zh} ${isoOf(resolved.at)}`] : []),
    ],
  };
}

const MOST_LISTED = 20;

function listed(subjects: readonly string[]): string {
  const more = subjects.length - MOST_LISTED;
  return subjects.slice(0, MOST_LISTED).join(', ') + (more > 0 ? ` … +${more}` : '');
}

function formatValue(metric: MetricName, value: number, language: Language): string {
  switch (metricFacts(metric).unit) {
    case 'percent':
      return `${round(value, 1)} %`;
    case 'ms':
      return `${Math.round(value)} ms`;
    case 'micros':
      return `$${round(value / 1_000_000, 6)}`;
    case 'minutes':
      return `${round(value, 1)} ${language === 'zh' ? '分钟' : 'min'}`;
    case 'count':
      return String(round(value, 2));
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
