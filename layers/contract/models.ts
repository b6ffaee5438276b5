import { z } from 'zod';
import { dollars } from './money.ts';
import { modelName, priority, upstreamName, weight } from './names.ts';

const quotaClass = z.enum(['chat', 'heavy', 'image', 'video']);

/** Columns that tell what a model can do; what is left out is as usual for the upstream's format. */
const routeFeatures = z
  .strictObject({
    reasoning: z.enum(['effort', 'budget', 'adaptive', 'level', 'field', 'none']),
    sampling: z.boolean().meta({ description: 'Takes temperature, top_p and the like.' }),
    prefill: z.boolean().meta({ description: "Continues a last message of the assistant's." }),
    structuredOutput: z.boolean().meta({ description: 'Takes a JSON schema for its answer.' }),
    systemRole: z.enum(['system', 'developer']),
    outputCapField: z.enum(['max_tokens', 'max_completion_tokens']),
    tokenizer: z.enum(['o200k']).nullable().meta({ description: 'Counts exactly what the model reads.' }),
    images: z.boolean(),
    documents: z.boolean(),
    audio: z.boolean(),
    defaultMaxOutputTokens: z.int().min(1).max(100_000_000),
    maxOutputTokens: z.int().min(1).max(100_000_000).nullable(),
  })
  .partial();

const routeEntry = z.strictObject({
  upstream: upstreamName,
  model: modelName.meta({ description: "The upstream's own name of the model." }),
  priority: priority.default(0),
  weight: weight.default(1),
  features: routeFeatures.optional(),
});

/** Dollars per million tokens; a part without a price costs nothing. Read into the integer micros of the ledger. */
const priceEntry = z
  .strictObject({
    inputPerMillion: dollars.optional(),
    outputPerMillion: dollars.optional(),
    cacheReadPerMillion: dollars.optional(),
    cacheWrite5mPerMillion: dollars.optional(),
    cacheWrite1hPerMillion: dollars.optional(),
    reasoningPerMillion: dollars.nullable().optional().meta({ description: 'As output where absent.' }),
    audioPerMillion: dollars.nullable().optional(),
    perImage: dollars.nullable().optional(),
  })
  .transform((price) => ({
    inputMicros: price.inputPerMillion ?? 0,
    outputMicros: price.outputPerMillion ?? 0,
    cacheReadMicros: price.cacheReadPerMillion ?? 0,
    cacheWrite5mMicros: price.cacheWrite5mPerMillion ?? 0,
    cacheWrite1hMicros: price.cacheWrite1hPerMillion ?? 0,
    reasoningMicros: price.reasoningPerMillion ?? null,
    audioMicros: price.audioPerMillion ?? null,
    imageMicros: price.perImage ?? null,
  }));

/** Absent fields keep what is stored; a new model gets class chat, no price, no known output limit. */
export const modelFields = z.strictObject({
  class: quotaClass.optional(),
  routes: z.array(routeEntry).min(1).max(50),
  price: priceEntry.nullable().optional(),
  maxOutputTokens: z.int().min(1).max(100_000_000).nullable().optional(),
});

export const modelEntry = modelFields.extend({ name: modelName });
export type ModelEntry = z.infer<typeof modelEntry>;

const priceView = z.object({
  inputPerMillion: z.number(),
  outputPerMillion: z.number(),
  cacheReadPerMillion: z.number(),
  cacheWrite5mPerMillion: z.number(),
  cacheWrite1hPerMillion: z.number(),
  reasoningPerMillion: z.number().nullable(),
  audioPerMillion: z.number().nullable(),
  perImage: z.number().nullable(),
});

export const modelView = z.object({
  name: z.string(),
  class: quotaClass,
  routes: z.array(z.object({ upstream: z.string(), model: z.string(), priority: z.number(), weight: z.number() })),
  price: priceView.nullable(),
  priceVersion: z.number().nullable(),
  maxOutputTokens: z.number().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
