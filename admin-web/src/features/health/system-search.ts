import { SCHEDULE_NAMES, type ScheduleName } from './schedules.ts';

/** What the address of the page says: the schedule that is about to be run. */
export interface SystemSearch {
  run?: ScheduleName | undefined;
}

export interface SystemProps {
  search: SystemSearch;
  onSearch: (search: SystemSearch) => void;
}

/** Unknown values are ignored. */
export function readSystemSearch(given: Record<string, unknown>): SystemSearch {
  const run = SCHEDULE_NAMES.find((name) => name === given['run']);
  return run ? { run } : {};
}
