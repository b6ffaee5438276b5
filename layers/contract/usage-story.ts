import { z } from 'zod';
import { usageLogRow } from './usage.ts';

const costLine = z.object({
  part: z.string().meta({ description: 'As in parts of a log row, or request: what any request costs.' }),
  count: z.number(),
  rate_micros: z.number().meta({ description: 'Micro-dollars for `per` of them.' }),
  per: z.number().meta({ description: '1000000 for tokens, 1 for pieces.' }),
  micros: z.number().meta({ description: 'count × rate_micros ÷ per, not rounded.' }),
});

const held = z.object({
  micros: z.number().meta({ description: 'On budgets, in micro-dollars.' }),
  tokens: z.number(),
  units: z.number(),
});

/** One request's whole story: its row of the log with what the log has no room for. */
export const usageStory = z.object({
  request_id: z.string(),
  phase: z.enum(['open', 'closed']).meta({ description: 'open: under way, or its process died and the sweep is due.' }),
  started_at: z.iso.datetime(),
  closed_at: z.iso.datetime().nullable(),
  model: z.string(),
  format: z.string(),
  stream: z.boolean(),
  user: z.object({ id: z.string(), name: z.string().nullable().meta({ description: 'Null when the user is gone.' }) }),
  key: z.object({ id: z.string(), name: z.string().nullable().meta({ description: 'Null when the key is gone.' }) }),
  client_app: z.string().nullable(),
  client_request_id: z.string().nullable(),
  input_estimate: z.number().meta({ description: 'Input tokens, estimated when the request was let in.' }),
  limited: z.boolean().meta({ description: 'A limit, plan or budget was asked and something held for the request.' }),
  held: held.nullable().meta({ description: "On the user's account at this moment; null: nothing, or it is settled." }),
  row: usageLogRow.nullable().meta({ description: 'As the log shows it; null while the request is under way.' }),
  error: z
    .object({
      code: z.string(),
      type: z.string().meta({ description: "As in error.type of OpenAI's format." }),
      status: z.number().meta({ description: 'That this error usually has.' }),
      retryable: z.boolean().meta({ description: 'The same request may succeed later.' }),
    })
    .nullable(),
  price: z
    .object({
      version: z.number(),
      tier_above: z
        .number()
        .nullable()
        .meta({ description: 'Input tokens above which its rates hold; null: no tier.' }),
      lines: z.array(costLine),
      sum_micros: z.number().meta({ description: 'Of the lines, rounded half up once.' }),
    })
    .nullable()
    .meta({ description: 'Null where the model had no price, or nothing was settled yet.' }),
  late: z
    .object({ source: z.string(), cost_micros: z.number(), input_tokens: z.number(), output_tokens: z.number() })
    .nullable()
    .meta({ description: 'What its process said after it was closed as abandoned; charged to nobody.' }),
});
export type UsageStory = z.infer<typeof usageStory>;
