import { z } from 'zod';

/** What may be said to a schedule that is run by hand. */
export type ScheduleField =
  | { name: 'force'; kind: 'switch'; value: true }
  | { name: 'only'; kind: 'switch'; value: 'deliver' }
  | { name: 'from' | 'to'; kind: 'instant'; required: boolean };

export interface Schedule {
  name: ScheduleName;
  /** Null: it runs by hand only. */
  everyMinutes: number | null;
  fields: readonly ScheduleField[];
}

export const SCHEDULE_NAMES = [
  'sweep-holds',
  'roll-up-usage',
  'refresh-credentials',
  'check-credentials',
  'evaluate-alerts',
  'recover-quotas',
  'expire-media',
  'sweep-jobs',
  'replay-usage',
  'reseal-credentials',
  'migrate-data',
] as const;
export type ScheduleName = (typeof SCHEDULE_NAMES)[number];

const FORCE = { name: 'force', kind: 'switch', value: true } as const;

/** The timed work of the gateway, as functions/schedules has it. */
export const SCHEDULES: readonly Schedule[] = [
  { name: 'sweep-holds', everyMinutes: 5, fields: [] },
  { name: 'roll-up-usage', everyMinutes: 5, fields: [{ name: 'from', kind: 'instant', required: false }] },
  { name: 'refresh-credentials', everyMinutes: 1, fields: [FORCE] },
  { name: 'check-credentials', everyMinutes: 10, fields: [FORCE] },
  { name: 'evaluate-alerts', everyMinutes: 2, fields: [{ name: 'only', kind: 'switch', value: 'deliver' }] },
  { name: 'recover-quotas', everyMinutes: 20, fields: [] },
  { name: 'expire-media', everyMinutes: 30, fields: [] },
  { name: 'sweep-jobs', everyMinutes: 1, fields: [] },
  {
    name: 'replay-usage',
    everyMinutes: null,
    fields: [
      { name: 'from', kind: 'instant', required: true },
      { name: 'to', kind: 'instant', required: true },
    ],
  },
  { name: 'reseal-credentials', everyMinutes: null, fields: [] },
  { name: 'migrate-data', everyMinutes: null, fields: [] },
];

/** What stands in the fields: instants as a browser writes them, in the reader's time zone. */
export type FieldValues = Readonly<Partial<Record<ScheduleField['name'], string | boolean>>>;

/** What is sent; null: something that has to be said is missing. */
export function parametersOf({ fields }: Schedule, values: FieldValues): Record<string, unknown> | null {
  const parameters: Record<string, unknown> = {};
  for (const field of fields) {
    const value = values[field.name];
    if (field.kind === 'switch') {
      if (value === true) parameters[field.name] = field.value;
      continue;
    }
    const at = typeof value === 'string' && value !== '' ? new Date(value) : null;
    if (at !== null && !Number.isNaN(at.getTime())) parameters[field.name] = at.toISOString();
    else if (field.required) return null;
  }
  return parameters;
}

const unfinished = z.object({
  next: z.unknown().optional(),
  more: z.boolean().optional(),
  unfinished: z.unknown().optional(),
  finished: z.boolean().optional(),
});

/** What the next run has to be told where this one ran out of time before its work was done; null: it was done. */
export function continuationOf(sent: Record<string, unknown>, report: unknown): Record<string, unknown> | null {
  const parsed = unfinished.safeParse(report);
  if (!parsed.success) return null;
  const { next, more, finished } = parsed.data;
  if (next !== undefined && next !== null) return { ...sent, from: next };
  const isCut = more === true || finished === false || Boolean(parsed.data.unfinished);
  return isCut ? sent : null;
}
