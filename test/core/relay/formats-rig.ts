import { jsonOf, type SeenRequest, type Step } from '../../support/fake-upstream.ts';
import { VENDOR_ANSWERS, type VendorName } from '../../support/vendor-answers.ts';
import { VENDOR_CLIENTS, type ClientName } from '../../support/vendor-clients.ts';
import { aCredential, aModel, anUpstream, call, startRig, type Call, type Rig, type RigOptions } from './rig.ts';

export const WORDS = ['Hello', ' there', ', “you”.'];
export const TEXT = WORDS.join('');

/** One model, a route to each of these vendors in this order; each is told apart by the first member of its path. */
export function startOver(names: readonly VendorName[], options: RigOptions = {}): Promise<Rig> {
  return startRig({
    models: [
      aModel({ routes: names.map((upstream, priority) => ({ upstream, model: 'up', priority, weight: 1 })) } as never),
    ],
    upstreams: (baseUrl) =>
      names.map((name) => {
        const { format, vendor } = VENDOR_ANSWERS[name];
        return anUpstream(name, baseUrl, { format, vendor } as never);
      }),
    credentials: names.map((name) =>
      aCredential(name, name, {
        kind: VENDOR_ANSWERS[name].credentialKind,
        secret: { keyVersion: 'v1', encapsulatedSecret: '', ciphertext: 'eu-central-1' },
      } as never),
    ),
    ...options,
    deps: {
      signUpstream: async ({ path }, { service, region }) => ({ authorization: `signed ${service} ${region} ${path}` }),
      ...options.deps,
    },
  });
}

export function ask(
  rig: Rig,
  name: ClientName,
  stream: boolean,
  onData?: (text: string) => 'leave' | undefined,
): Promise<Call> {
  const client = VENDOR_CLIENTS[name];
  return call(rig, {
    path: client.path(stream),
    headers: client.headers,
    body: client.body(stream),
    ...(onData && { onData }),
  });
}

/** The beginning of a stream, in the middle of its text. */
export function cutShort(vendor: VendorName): (string | Buffer)[] {
  return VENDOR_ANSWERS[vendor].events(WORDS).slice(0, vendor === 'gemini' ? 2 : 4);
}

/** Counts are asked beside the call. */
export function answersOf(rig: Rig): SeenRequest[] {
  return rig.upstream.requests.filter(({ path }) => !/count_tokens|countTokens/.test(path));
}

export function script(byPath: (request: SeenRequest) => Step[]): (request: SeenRequest) => Step[] {
  return (request) => (/count_tokens|countTokens/.test(request.path) ? jsonOf('{}', 404) : byPath(request));
}
