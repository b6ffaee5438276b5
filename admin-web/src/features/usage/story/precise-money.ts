/** Micro-dollars with as many digits as a line of a cost has, before the sum is rounded to whole ones. */
export function preciseMoney(micros: number, locale: string): string {
  const dollars = micros / 1_000_000;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 2,
    maximumFractionDigits: Math.abs(dollars) >= 1 ? 4 : 9,
  }).format(dollars);
}
