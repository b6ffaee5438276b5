interface Day {
  date: string;
  requests: number;
  total_tokens: number;
  /** Dollars. */
  cost: number;
}

export interface DayPoint {
  day: string;
  requests: number;
  tokens: number;
  cost: number;
}

/** What the bars draw. A date stands for itself, wherever the reader is. @param locale BCP 47 */
export function dayPoints(days: readonly Day[], locale: string): DayPoint[] {
  const text = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', timeZone: 'UTC' });
  return days.map(({ date, requests, total_tokens: tokens, cost }) => ({
    day: text.format(new Date(`${date}T00:00:00Z`)),
    requests,
    tokens,
    cost,
  }));
}
