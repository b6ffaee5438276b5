import { useTranslation } from 'react-i18next';
import { useFormat } from '../../lib/use-format.ts';

export const MOST_PER_MINUTE = 1_000_000;

/** Requests per minute in words: −1 is no limit, 0 is none at all. */
export function useRateText(): (requestsPerMinute: number) => string {
  const { t } = useTranslation('machineSecrets');
  const format = useFormat();
  return (rate) => {
    if (rate < 0) return t('unlimited');
    return rate === 0 ? t('blocked') : t('perMinute', { rate: format.count(rate) });
  };
}
