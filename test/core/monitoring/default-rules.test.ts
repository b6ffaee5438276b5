import { readFileSync } from 'node:fs';
import { ALERT_METRICS } from '../../../layers/contract/alerts.ts';
import { DEFAULT_RULES, mergeRules, unavailableReason } from '../../../layers/core/monitoring/default-rules.ts';
import { NEW_STATE } from '../../../layers/core/monitoring/evaluate.ts';
import { knownFigures } from '../../../layers/core/monitoring/known-figures.ts';
import { METRIC_NAMES } from '../../../layers/core/monitoring/metrics.ts';
import { testAlert } from '../../../layers/core/monitoring/notices.ts';
import { wordsOf } from '../../../layers/core/monitoring/texts.ts';
import { embeddedMetrics } from '../../../layers/kit/log/embedded-metrics.ts';
import { aRule, NOON } from './rules.ts';

describe('the default rules', () => {
  it('each have a heading in the runbook, and the runbook has no other', () => {
    const runbook = readFileSync('docs/runbook.md', 'utf8');
    const headings = [...runbook.slice(runbook.indexOf('# Alerts\n')).matchAll(/^### (\S+)$/gm)].map(
      ([, name]) => name,
    );
    expect(headings.toSorted()).toEqual(DEFAULT_RULES.map(({ id }) => id).toSorted());
  });

  it('are on where their metric is measured', () => {
    for (const rule of DEFAULT_RULES)
      expect([rule.id, rule.enabled]).toEqual([rule.id, unavailableReason(rule) === null]);
  });

  it('keep their order and their metric when they are changed; others follow by name', () => {
    const changed = { ...DEFAULT_RULES[1]!, threshold: 3, metric: 'tokens' as const };
    const merged = mergeRules([aRule({ id: 'z', name: 'Z' }), changed, aRule({ id: 'a', name: 'A', builtIn: true })]);
    const ids = merged.map(({ id }) => id);
    expect(ids).toEqual([...DEFAULT_RULES.map(({ id }) => id), 'a', 'z']);
    expect(merged[1]).toMatchObject({ threshold: 3, metric: 'storesDown', builtIn: true });
    expect(merged.at(-2)?.builtIn).toBe(false);
  });

  it('watch metrics that the contract names', () => {
    expect([...ALERT_METRICS].toSorted()).toEqual(METRIC_NAMES.toSorted());
  });
});

describe('what people read', () => {
  it.each(METRIC_NAMES)('of %s is there in both languages', (metric) => {
    const alert = testAlert(aRule({ metric, threshold: 1_234.5 }), NOON);
    for (const language of ['en', 'zh'] as const) {
      const { subject, lines } = wordsOf({ kind: 'alert.fired', alert, runbook: 'docs/runbook.md' }, language);
      expect(subject).toContain('A rule');
      expect(lines.join(' ')).toMatch(language === 'zh' ? /[一-鿿].*条件/ : /^[ -~]+$/);
      expect(lines.join(' ')).not.toMatch(/undefined|NaN/);
    }
  });

  it('says how it ended, and names what it is about', () => {
    const alert = { ...testAlert(aRule(), NOON), subjects: Array.from({ length: 23 }, (_none, index) => `u${index}`) };
    const resolved = { ...alert, resolved: { at: NOON + 1, because: 'no-data' as const } };
    const words = wordsOf({ kind: 'alert.resolved', alert: resolved, runbook: 'x' }, 'en');
    expect(words.subject).toBe('[Sluice] ENDED: A rule');
    expect(words.lines.join('\n')).toMatch(/not the same as all being well/);
    expect(words.lines.join('\n')).toMatch(/u19 … \+3/);
  });
});

describe('what CloudWatch is told', () => {
  it('is nothing while nothing is known and nothing fires', () => {
    expect(knownFigures({ version: 1, evaluatedAt: NOON, states: { 'error-rate': NEW_STATE } })).toEqual([]);
  });

  it('are the figures of traffic, and how many alerts go on', () => {
    const states = {
      'error-rate': { ...NEW_STATE, status: 'firing' as const, value: 12.5, alert: testAlert(aRule(), NOON) },
      latency: { ...NEW_STATE, status: 'ok' as const, value: 300 },
    };
    const metrics = knownFigures({ version: 1, evaluatedAt: NOON, states });
    expect(JSON.parse(embeddedMetrics({ namespace: 'Sluice/test', at: NOON, metrics }))).toEqual({
      _aws: {
        Timestamp: NOON,
        CloudWatchMetrics: [
          {
            Namespace: 'Sluice/test',
            Dimensions: [['Service']],
            Metrics: [
              { Name: 'ErrorRate', Unit: 'Percent' },
              { Name: 'MeanFirstByte', Unit: 'Milliseconds' },
              { Name: 'AlertsFiring', Unit: 'Count' },
            ],
          },
        ],
      },
      Service: 'sluice',
      ErrorRate: 12.5,
      MeanFirstByte: 300,
      AlertsFiring: 1,
    });
  });
});
