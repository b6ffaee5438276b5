import { z } from 'zod';

/** `https://console.example.com`: scheme, host and port, as browsers send it. */
const browserOrigin = z.union([
  z.literal('*'),
  z.string().regex(/^https?:\/\/[^/\s?#@]+$/, 'Expected an origin such as https://app.example.com'),
]);

const network = z.union([z.cidrv4(), z.cidrv6()], { error: 'Expected a network such as 10.0.0.0/8 or fd00::/8' });

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
  })
  .partial();
export type SettingsChange = z.infer<typeof settingsChange>;

export const settingsView = z.object({
  apiDocs: z.boolean(),
  browserOrigins: z.array(z.string()),
  allowedUpstreamNetworks: z.array(z.string()),
});
