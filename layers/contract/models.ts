import { z } from 'zod';
import { modelName, priority, upstreamName, weight } from './names.ts';
import { priceEntry, priceView } from './prices.ts';

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
  price: priceEntry.nullable().optional().meta({ description: "Where this route has another price than the model's." }),
});

/** Absent fields keep what is stored; a new model gets class chat, no price, no known output limit. */
export const modelFields = z.strictObject({
  class: quotaClass.optional(),
  routes: z.array(routeEntry).min(1).max(50),
  price: priceEntry.nullable().optional(),
  maxOutputTokens: z.int().min(1).max(100_000_000).nullable().optional(),
});

export const modelEntry = modelFields.extend({ name: modelName });
export type ModelEntry = z.infer<typeof modelEntry>;

export const modelView = z.object({
  name: z.string(),
  class: quotaClass,
  routes: z.array(
    z.object({
      upstream: z.string(),
      model: z.string(),
      priority: z.number(),
      weight: z.number(),
      features: routeFeatures.optional(),
      price: priceView.optional(),
    }),
  ),
  price: priceView.nullable(),
  priceVersion: z.number().nullable(),
  maxOutputTokens: z.number().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** What a key may ask for, as everybody may know it. */
export const callableModel = z.object({ name: z.string(), class: quotaClass });
