import { useTranslation } from 'react-i18next';
import { localeOf } from '../../lib/language.ts';

/** Quota as the API keeps it: at most four decimals, `1` being one whole credential. */
export function useQuotaFormat(): (quota: number) => string {
  const { i18n } = useTranslation();
  const text = new Intl.NumberFormat(localeOf(i18n.language), { maximumFractionDigits: 4 });
  return (quota) => text.format(quota);
}
