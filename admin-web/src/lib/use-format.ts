import { useTranslation } from 'react-i18next';
import {
  formatAge,
  formatBytes,
  formatCompact,
  formatCount,
  formatDate,
  formatDateTime,
  formatMicros,
  formatShare,
  formatShortDateTime,
} from './format.ts';
import { localeOf } from './language.ts';

export interface Format {
  count(value: number): string;
  compact(value: number): string;
  bytes(value: number): string;
  money(micros: number): string;
  dollars(amount: number): string;
  share(part: number, whole: number): string | null;
  date(time: number | string): string;
  shortDateTime(time: number | string): string;
  dateTime(time: number | string): string;
  age(time: number | string): string;
}

/** The formatters of `format.ts` in the language in use. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  const locale = localeOf(i18n.language);
  return {
    count: (value) => formatCount(value, locale),
    compact: (value) => formatCompact(value, locale),
    bytes: (value) => formatBytes(value, locale),
    money: (micros) => formatMicros(micros, locale),
    dollars: (amount) => formatMicros(Math.round(amount * 1_000_000), locale),
    share: (part, whole) => formatShare(part, whole, locale),
    date: (time) => formatDate(time, locale),
    shortDateTime: (time) => formatShortDateTime(time, locale),
    dateTime: (time) => formatDateTime(time, locale),
    age: (time) => formatAge(time, Date.now(), locale),
  };
}
