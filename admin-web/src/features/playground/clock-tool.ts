/** Something that models can ask for, so that one sees how they do. This page answers it, truly. */
export const CLOCK_TOOL = {
  type: 'function',
  function: {
    name: 'get_current_time',
    description: 'The date and time in a time zone, now.',
    parameters: {
      type: 'object',
      properties: { time_zone: { type: 'string', description: 'IANA name, such as Europe/Berlin. UTC where absent.' } },
    },
  },
} as const;

/** @returns JSON for the model, also of what is wrong with its call */
export function callTool(called: { name: string; arguments: string }, nowMs: number): string {
  if (called.name !== CLOCK_TOOL.function.name) return told({ error: `There is no tool ${called.name}.` });
  try {
    const { time_zone: zone = 'UTC' } = JSON.parse(called.arguments === '' ? '{}' : called.arguments) as {
      time_zone?: string;
    };
    const time = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long', timeZone: zone });
    return told({ time_zone: zone, now: time.format(nowMs) });
  } catch (error) {
    return told({ error: error instanceof Error ? error.message : String(error) });
  }
}

function told(value: object): string {
  return JSON.stringify(value);
}
