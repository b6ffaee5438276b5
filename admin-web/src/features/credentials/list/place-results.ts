import type { PlaceResult } from '../api/batch-credentials.ts';
import type { ResultRow } from './result-list.tsx';

/** How many went well, and how many did not. */
export function countsOf(results: readonly { success: boolean }[]): { done: number; failed: number } {
  const done = results.filter(({ success }) => success).length;
  return { done, failed: results.length - done };
}

/** As lines of a report. The same place may come again where work was stopped and went on. */
export function rowsOf(results: readonly PlaceResult[], words: { done: string; failed: string }): ResultRow[] {
  return results.map(({ upstream, id, name, success, message }, index) => ({
    key: `${index}/${upstream}/${id}`,
    title: name,
    place: upstream,
    success,
    outcome: success ? words.done : words.failed,
    message,
  }));
}
