import { z } from 'zod';

/** `https://console.example.com`: scheme, host and port, as browsers send it. */
const browserOrigin = z.union([
  z.literal('*'),
  z.string().regex(/^https?:\/\/[^/\s?#@]+$/, 'Expected an origin such as https://app.example.com'),
]);

const network = z.union([z.cidrv4(), z.cidrv6()], { error: 'Expected a network such as 10.0.0.0/8 or fd00::/8' });

/** The relay ends every request after 840 seconds by itself. */
const waiting = z.int().min(50).max(840_000);
const timeoutsOfClass = z
  .strictObject({ firstByteMs: waiting, firstContentMs: waiting, slowStartMs: waiting, idleMs: waiting })
  .partial();
const upstreamTimeouts = z
  .strictObject({ chat: timeoutsOfClass, heavy: timeoutsOfClass, image: timeoutsOfClass, video: timeoutsOfClass })
  .partial();

export const settingsChange = z
  .strictObject({
    apiDocs: z.boolean().meta({ description: 'Serve /api/openapi.json and /api/docs.' }),
    browserOrigins: z
      .array(browserOrigin)
      .max(50)
      .meta({ description: 'Origins whose browsers may call the data plane; * for any.' }),
    allowedUpstreamNetworks: z
      .array(network)
      .max(50)
      .meta({ description: 'Networks outside the public Internet that upstream base URLs may point into.' }),
    upstreamTimeouts: upstreamTimeouts.meta({
      description:
        'By quota class, how many milliseconds an upstream may be silent before it is given up; replaces what was set.',
    }),
    usageLogDays: z.number().int().min(7).max(365).meta({
      description: 'Days that each request stays in the usage log, from then on; sums stay for good.',
    }),
    autoRefresh: z
      .strictObject({ enabled: z.boolean(), intervalDays: z.int().min(1).max(30) })
      .meta({ description: 'The sweep that refreshes OAuth credentials; turned on, it begins within a minute.' }),
  })
  .partial();
export type SettingsChange = z.infer<typeof settingsChange>;

export const settingsView = z.object({
  apiDocs: z.boolean(),
  browserOrigins: z.array(z.string()),
  allowedUpstreamNetworks: z.array(z.string()),
  upstreamTimeouts,
  usageLogDays: z.number(),
  autoRefresh: z.object({ enabled: z.boolean(), intervalDays: z.number() }),
});
