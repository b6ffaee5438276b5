import { z } from 'zod';
import { dollars } from './money.ts';

const optionalDollars = dollars.nullable().optional();

/** Dollars per million tokens of each usage part, as they are written. */
const tokenRates = {
  inputPerMillion: dollars.optional(),
  outputPerMillion: dollars.optional(),
  cacheReadPerMillion: dollars.optional(),
  cacheWrite5mPerMillion: dollars.optional(),
  cacheWrite1hPerMillion: dollars.optional(),
  reasoningPerMillion: optionalDollars.meta({ description: 'As output where absent.' }),
  audioPerMillion: optionalDollars.meta({ description: 'Audio in either direction; as text where absent.' }),
  audioInputPerMillion: optionalDollars.meta({ description: 'As audioPerMillion where absent.' }),
  audioOutputPerMillion: optionalDollars.meta({ description: 'As audioPerMillion where absent.' }),
  imageInputPerMillion: optionalDollars.meta({ description: 'Tokens of images; as input where absent.' }),
  imageOutputPerMillion: optionalDollars.meta({ description: 'Tokens of images; as output where absent.' }),
};
type GivenRates = z.infer<z.ZodObject<typeof tokenRates>>;

/** The rates that a price names, as integer micros; what is not named is left out. */
function namedMicros(given: GivenRates) {
  const named = {
    inputMicros: given.inputPerMillion,
    outputMicros: given.outputPerMillion,
    cacheReadMicros: given.cacheReadPerMillion,
    cacheWrite5mMicros: given.cacheWrite5mPerMillion,
    cacheWrite1hMicros: given.cacheWrite1hPerMillion,
    reasoningMicros: given.reasoningPerMillion ?? undefined,
    audioMicros: given.audioPerMillion ?? undefined,
    audioInputMicros: given.audioInputPerMillion ?? undefined,
    audioOutputMicros: given.audioOutputPerMillion ?? undefined,
    imageInputMicros: given.imageInputPerMillion ?? undefined,
    imageOutputMicros: given.imageOutputPerMillion ?? undefined,
  };
  return withoutAbsent(named);
}

function withoutAbsent<Given extends object>(given: Given) {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [Name in keyof Given]?: Exclude<Given[Name], undefined> };
}

const tierEntry = z.strictObject({ aboveInputTokens: z.int().min(1).max(1_000_000_000), ...tokenRates });

/** In dollars; a part without a price costs nothing where nothing else is said. Read into integer micros. */
export const priceEntry = z
  .strictObject({
    ...tokenRates,
    perImage: optionalDollars,
    perVideoSecond: optionalDollars,
    perRequest: optionalDollars,
    perWebSearch: optionalDollars,
    tiers: z
      .array(tierEntry)
      .max(20)
      .refine(isRising, { error: 'Expected thresholds that rise from tier to tier' })
      .optional()
      .meta({ description: 'The last tier whose threshold a request passes holds for all of its tokens.' }),
  })
  .transform((price) => ({
    inputMicros: 0,
    outputMicros: 0,
    cacheReadMicros: 0,
    cacheWrite5mMicros: 0,
    cacheWrite1hMicros: 0,
    reasoningMicros: null,
    audioMicros: null,
    ...namedMicros(price),
    imageMicros: price.perImage ?? null,
    ...withoutAbsent({
      videoSecondMicros: price.perVideoSecond ?? undefined,
      requestMicros: price.perRequest ?? undefined,
      webSearchMicros: price.perWebSearch ?? undefined,
    }),
    ...(price.tiers &&
      price.tiers.length > 0 && {
        tiers: price.tiers.map((tier) => ({ aboveInputTokens: tier.aboveInputTokens, ...namedMicros(tier) })),
      }),
  }));

function isRising(tiers: readonly { aboveInputTokens: number }[]): boolean {
  return tiers.every((tier, index) => tier.aboveInputTokens > (tiers[index - 1]?.aboveInputTokens ?? 0));
}

const moreRates = {
  audioInputPerMillion: z.number().optional(),
  audioOutputPerMillion: z.number().optional(),
  imageInputPerMillion: z.number().optional(),
  imageOutputPerMillion: z.number().optional(),
};
const tierView = z.object({
  aboveInputTokens: z.number(),
  inputPerMillion: z.number().optional(),
  outputPerMillion: z.number().optional(),
  cacheReadPerMillion: z.number().optional(),
  cacheWrite5mPerMillion: z.number().optional(),
  cacheWrite1hPerMillion: z.number().optional(),
  reasoningPerMillion: z.number().optional(),
  audioPerMillion: z.number().optional(),
  ...moreRates,
});
export type PriceTierView = z.infer<typeof tierView>;

/** Can be sent back as it is. */
export const priceView = z.object({
  inputPerMillion: z.number(),
  outputPerMillion: z.number(),
  cacheReadPerMillion: z.number(),
  cacheWrite5mPerMillion: z.number(),
  cacheWrite1hPerMillion: z.number(),
  reasoningPerMillion: z.number().nullable(),
  audioPerMillion: z.number().nullable(),
  ...moreRates,
  perImage: z.number().nullable(),
  perVideoSecond: z.number().optional(),
  perRequest: z.number().optional(),
  perWebSearch: z.number().optional(),
  tiers: z.array(tierView).optional(),
});
export type PriceView = z.infer<typeof priceView>;

export const priceVersions = z.object({
  model: z.string(),
  current: z.number().nullable().meta({ description: 'The version that requests are charged by; null: no price.' }),
  versions: z
    .array(
      z.object({
        version: z.number(),
        price: priceView,
        since: z.iso.datetime().optional().meta({ description: 'When it was made; absent where nobody noted it.' }),
      }),
    )
    .meta({ description: 'Newest first.' }),
});

/** A public price list as its makers publish it: by model, dollars per single token under LiteLLM's names. */
export const priceListImport = z.strictObject({
  list: z.record(z.string().max(500), z.unknown()).meta({
    description: 'The content of a model_prices_and_context_window.json.',
  }),
  models: z.record(z.string().max(200), z.string().max(500)).optional().meta({
    description: "Entry of the list by our model's name; other models are found by their routes' and their own names.",
  }),
  dryRun: z.boolean().default(false),
});
export type PriceListImport = z.infer<typeof priceListImport>;

export const priceListReport = z.object({
  dryRun: z.boolean(),
  counts: z.object({
    created: z.number(),
    changed: z.number(),
    unchanged: z.number(),
    unknown: z.number(),
    unpriced: z.number(),
  }),
  models: z.array(
    z.object({
      model: z.string(),
      entry: z.string().nullable().meta({ description: 'The name in the list; null where it has none.' }),
      outcome: z.enum(['created', 'changed', 'unchanged', 'unknown', 'unpriced']).meta({
        description: 'created: had no price; unknown: not in the list; unpriced: listed without any price.',
      }),
      version: z.number().nullable(),
      price: priceView.nullable(),
      maxOutputTokens: z.number().nullable(),
      warnings: z.array(z.string()),
    }),
  ),
});
