import type { ConfigurationDocumentText } from '@sluice/contract/configuration-document';

/** A document to start from: one upstream, its credential, one model with its price, and a key for us to generate. */
export const EXAMPLE_DOCUMENT: ConfigurationDocumentText = {
  version: 1,
  upstreams: [{ name: 'openai', format: 'openai-chat', vendor: 'openai', baseUrl: 'https://api.openai.com/v1' }],
  credentials: [{ upstream: 'openai', name: 'team-a', kind: 'api_key', secret: 'sk-...' }],
  models: [
    {
      name: 'gpt-5',
      class: 'chat',
      routes: [{ upstream: 'openai', model: 'gpt-5.1' }],
      price: { inputPerMillion: 1.25, outputPerMillion: 10, cacheReadPerMillion: 0.125 },
    },
  ],
  keys: [{ name: 'ci', owner: 'admin', models: ['*'] }],
};
