import { booleanAt, objectAt, textAt, type JsonObject } from './json.ts';
import { parseScheduleExpression, type ScheduleExpression } from './schedule-expression.ts';

export interface Schedule {
  readonly name: string;
  readonly expression: ScheduleExpression;
  readonly enabled: boolean;
  readonly functionArn: string;
  readonly payload: unknown;
}

/** Reads the resolved properties of an AWS::Scheduler::Schedule. */
export function readSchedule(name: string, properties: JsonObject): Schedule {
  const target = objectAt(properties['Target']);
  return {
    name,
    expression: parseScheduleExpression(
      textAt(properties['ScheduleExpression']) ?? '',
      textAt(properties['ScheduleExpressionTimezone']) ?? 'UTC',
    ),
    enabled: properties['State'] !== 'DISABLED' && booleanAt(properties['Enabled']) !== false,
    functionArn: textAt(target['Arn']) ?? '',
    payload: JSON.parse(textAt(target['Input']) ?? '{}') as unknown,
  };
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface SchedulerOptions {
  readonly schedules: readonly Schedule[];
  run(schedule: Schedule): Promise<void>;
  /** Epoch milliseconds of the (possibly shifted) clock. */
  now(): number;
}

/** Runs schedules by timers. A tick that comes while its function still runs is left out. */
export function createScheduler(options: SchedulerOptions) {
  const timers = new Map<Schedule, NodeJS.Timeout>();
  const running = new Set<Schedule>();

  const arm = (schedule: Schedule): void => {
    const now = options.now();
    const next = schedule.expression.next(now);
    if (next === undefined) return;
    const waitMs = next - now;
    const isFar = waitMs > LONGEST_TIMER_MS;
    const timer = setTimeout(() => (isFar ? arm(schedule) : tick(schedule)), Math.min(waitMs, LONGEST_TIMER_MS));
    timers.set(schedule, timer);
  };
  const tick = (schedule: Schedule): void => {
    arm(schedule);
    if (running.has(schedule)) return;
    running.add(schedule);
    void options.run(schedule).finally(() => running.delete(schedule));
  };
  const stop = (): void => {
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  };
  const start = (): void => {
    stop();
    for (const schedule of options.schedules) if (schedule.enabled) arm(schedule);
  };
  /** `start` is also right after the clock has been moved. */
  return { start, stop };
}
