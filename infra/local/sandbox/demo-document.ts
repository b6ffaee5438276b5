/** What makes the stack usable with no provider's key: the sandbox as an upstream, its models, the local settings. */

/** What the sandbox takes for a credential: this, or anything that begins with it. */
export const SANDBOX_CREDENTIAL = 'sk-sandbox-upstream-credential';

/** Upstream models that are listed; any other `<base>--<directive>…` is answered too (see `directives.ts`). */
export const SANDBOX_MODELS: readonly string[] = [
  'sandbox-chat',
  'sandbox-chat--400',
  'sandbox-chat--429',
  'sandbox-chat--429--retry-after-7',
  'sandbox-chat--500',
  'sandbox-chat--hang',
  'sandbox-chat--hang-3',
  'sandbox-chat--cut-5',
  'sandbox-chat--error-event-3',
  'sandbox-chat--no-usage',
  'sandbox-chat--slow-first-1000',
  'sandbox-chat--words-5',
  'sandbox-chat--delay-100--words-5',
  'sandbox-chat--delay-100--words-100',
];

/** The same sandbox in the other languages that upstreams speak, one upstream and one model for each. */
const FORMATS = [
  { name: 'sandbox-responses', format: 'openai-responses', vendor: 'openai-compatible', path: '/v1' },
  { name: 'sandbox-claude', format: 'anthropic-messages', vendor: 'anthropic', path: '/v1' },
  { name: 'sandbox-gemini', format: 'gemini', vendor: 'gemini', path: '/v1beta' },
] as const;

/** What draws and films: upstreams of their own beside the one for Gemini, and models of every way there is. */
const MEDIA_UPSTREAMS = [
  { name: 'sandbox-images', format: 'openai-images', vendor: 'openai', path: '/v1' },
  { name: 'sandbox-xai', format: 'openai-images', vendor: 'xai', path: '/xai/v1' },
] as const;

const MEDIA_MODELS = [
  { name: 'sandbox-image', upstream: 'sandbox-images', class: 'image' },
  { name: 'sandbox-image--slow-130', upstream: 'sandbox-images', class: 'image' },
  { name: 'sandbox-image--bytes-10000000', upstream: 'sandbox-images', class: 'image' },
  { name: 'sandbox-image--moderated', upstream: 'sandbox-images', class: 'image' },
  { name: 'sandbox-xai-image', upstream: 'sandbox-xai', class: 'image' },
  { name: 'sandbox-gemini-image', upstream: 'sandbox-gemini', class: 'image' },
  { name: 'sandbox-video', upstream: 'sandbox-images', class: 'video' },
  { name: 'sandbox-video--slow-130', upstream: 'sandbox-images', class: 'video' },
  { name: 'sandbox-video--fails', upstream: 'sandbox-images', class: 'video' },
  { name: 'sandbox-xai-video', upstream: 'sandbox-xai', class: 'video' },
  { name: 'sandbox-xai-video--slow-130', upstream: 'sandbox-xai', class: 'video' },
] as const;

/** US dollars a picture, and a second of film; invented as well. */
const MEDIA_PRICES = { image: { perImage: 0.02 }, video: { perVideoSecond: 0.05 } } as const;

/** US dollars per million tokens; invented, of the order of a small model's. */
const PRICE = { inputPerMillion: 0.5, outputPerMillion: 2, cacheReadPerMillion: 0.05 };

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

export interface DemoDocument {
  version: 1;
  settings: {
    apiDocs: boolean;
    forcedPasswordChange: boolean;
    registration: 'open';
    minPasswordLength: number;
    allowedUpstreamNetworks: string[];
    allowedWebhookNetworks: string[];
  };
  upstreams: { name: string; format: string; vendor: string; baseUrl: string }[];
  credentials: { upstream: string; name: string; kind: string; secret: string }[];
  models: {
    name: string;
    class: string;
    routes: { upstream: string; model: string }[];
    price: typeof PRICE | (typeof MEDIA_PRICES)[keyof typeof MEDIA_PRICES];
  }[];
}

/**
 * The configuration document (architecture.md §14) that the runner imports at start: upstreams and webhooks on
 * this very machine are allowed here and nowhere else.
 */
export function createDemoDocument({ sandboxUrl }: { sandboxUrl: string }): DemoDocument {
  const chat = { name: 'sandbox', format: 'openai-chat', vendor: 'openai-compatible', baseUrl: `${sandboxUrl}/v1` };
  const others = [...FORMATS, ...MEDIA_UPSTREAMS].map(({ path, ...upstream }) => ({
    ...upstream,
    baseUrl: `${sandboxUrl}${path}`,
  }));
  const upstreams = [chat, ...others];
  const models = [
    ...SANDBOX_MODELS.map((name) => ({ name, upstream: 'sandbox', class: 'chat', price: PRICE })),
    ...FORMATS.map(({ name }) => ({ name, upstream: name, class: 'chat', price: PRICE })),
    ...MEDIA_MODELS.map((model) => ({ ...model, price: MEDIA_PRICES[model.class] })),
  ];
  return {
    version: 1,
    settings: {
      apiDocs: true,
      // The generated password is printed at every start.
      forcedPasswordChange: false,
      // Nobody else reaches this machine; six characters are what the older contracts take.
      registration: 'open',
      minPasswordLength: 6,
      allowedUpstreamNetworks: LOOPBACK,
      allowedWebhookNetworks: LOOPBACK,
    },
    upstreams,
    credentials: upstreams.map(({ name }) => ({
      upstream: name,
      name: 'sandbox',
      kind: 'api_key',
      secret: SANDBOX_CREDENTIAL,
    })),
    models: models.map(({ upstream, ...model }) => ({ ...model, routes: [{ upstream, model: model.name }] })),
  };
}
