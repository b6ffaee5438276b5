import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../lib/format.ts';
import { useFormat } from '../../lib/use-format.ts';
import type { Rule } from './api/rules.ts';

/** A figure of a rule with its unit, as people read it. */
export function useMeasure(): (value: number, unit: Rule['unit']) => string {
  const { t } = useTranslation('alerts');
  const format = useFormat();
  return (value, unit) => {
    if (unit === 'micros') return format.money(value);
    if (unit === 'ms') return formatDuration(value);
    if (unit === 'percent') return `${format.count(value)} %`;
    return unit === 'minutes' ? t('minutes', { minutes: value }) : format.count(value);
  };
}
