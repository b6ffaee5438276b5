/** Numbers, money and times as people read them. All functions are pure; `locale` is a BCP 47 tag. */

/** `12,345` */
export function formatCount(count: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(count);
}

/** `1.2M` from 10 000 on, exact below. */
export function formatCompact(count: number, locale: string): string {
  if (Math.abs(count) < 10_000) return formatCount(count, locale);
  return new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(count);
}

/** Micro-dollars as dollars: cents from one dollar on, otherwise as many digits as it takes to see the sum. */
export function formatMicros(micros: number, locale: string): string {
  const dollars = micros / 1_000_000;
  const digits = micros === 0 || Math.abs(dollars) >= 1 ? 2 : 6;
  const text = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  });
  return text.format(dollars);
}

/** `850 ms`, `1.24 s`, `2 min 5 s`, `1 h 10 min`, `3 d 4 h`: the two largest units. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(durationMs < 9995 ? 2 : 1)} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Share of `part` in `whole` as per cent; `null` when there is nothing to have a share of. */
export function formatShare(part: number, whole: number, locale: string): string | null {
  if (whole === 0) return null;
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(part / whole);
}

/** The day, in the reader's time zone unless one is given. */
export function formatDate(time: number | string, locale: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', ...(timeZone ? { timeZone } : {}) }).format(
    new Date(time),
  );
}

/** Month, day and time to the second, for lists. */
export function formatShortDateTime(time: number | string, locale: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(timeZone ? { timeZone } : {}),
  }).format(new Date(time));
}

/** Date and time to the second, in the reader's time zone unless one is given. */
export function formatDateTime(time: number | string, locale: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    ...(timeZone ? { timeZone } : {}),
  }).format(new Date(time));
}

const AGE_STEPS: readonly { unit: Intl.RelativeTimeFormatUnit; ms: number }[] = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
  { unit: 'second', ms: 1000 },
];

/** `3 minutes ago`; the largest unit that fits. */
export function formatAge(time: number | string, now: number, locale: string): string {
  const differenceMs = new Date(time).getTime() - now;
  const step = AGE_STEPS.find(({ ms }) => Math.abs(differenceMs) >= ms) ?? { unit: 'second' as const, ms: 1000 };
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.round(differenceMs / step.ms), step.unit);
}

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** `512 B`, `1.5 MB`; a KB has 1000 bytes. */
export function formatBytes(bytes: number, locale: string): string {
  const step = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: step === 0 ? 0 : 1 });
  return `${number.format(bytes / 1000 ** step)} ${BYTE_UNITS[step] ?? 'B'}`;
}
