import { createSandbox, type Sandbox } from '../../../infra/local/sandbox/server.ts';
import { SANDBOX_CREDENTIAL } from '../../../infra/local/sandbox/demo-document.ts';
import type { LoggedRequest } from '../../../infra/local/sandbox/log.ts';
import { createMemoryMedia } from '../../support/memory-media.ts';
import { aCredential, aModel, anUpstream, call, NOW, startRig, type Call, type Rig, type RigOptions } from './rig.ts';

/** A dollar is a million of these: five cents a second. */
export const SECOND_MICROS = 50_000;

export interface FilmRig extends Rig {
  media: ReturnType<typeof createMemoryMedia>;
  sandbox: Sandbox;
  /** What the upstream was asked, by method and path. */
  asked(): Promise<LoggedRequest[]>;
  creations(): Promise<LoggedRequest[]>;
}

const NAMED = { 'x-forwarded-host': 'films.example' };
export const ORIGIN = 'https://films.example';

/** A model that makes films at the sandbox, which is asked as this vendor is. */
export async function startFilmRig(
  vendor: 'openai' | 'xai',
  {
    upstreamModel = 'sandbox-video',
    names = ['a'],
    ...options
  }: RigOptions & { upstreamModel?: string; names?: readonly string[] } = {},
): Promise<FilmRig> {
  const sandbox = await createSandbox({ port: 0, onClock: async () => undefined });
  const baseUrl = `${sandbox.url}${vendor === 'xai' ? '/xai' : ''}/v1`;
  const media = createMemoryMedia({ clock: () => NOW });
  const secret = { keyVersion: 'v1', encapsulatedSecret: '', ciphertext: SANDBOX_CREDENTIAL };
  const price = { ...aModel().price!, version: 1, inputMicros: 0, outputMicros: 0, videoSecondMicros: SECOND_MICROS };
  const rig = await startRig({
    models: [
      aModel({ name: 'film', class: 'video', price, routes: [aRoute(upstreamModel)] }),
      aModel({ name: 'public', routes: [aRoute('sandbox-chat')] }),
    ],
    upstreams: () => [anUpstream('first', baseUrl, { format: 'openai-images', vendor } as never)],
    credentials: names.map((name) => aCredential('first', name, { secret } as never)),
    ...options,
    deps: { ...media, ...options.deps },
  });
  const asked = async (): Promise<LoggedRequest[]> => {
    const answer = await fetch(`${sandbox.url}/__log`);
    return ((await answer.json()) as { requests: LoggedRequest[] }).requests;
  };
  return {
    ...rig,
    media,
    sandbox,
    asked,
    creations: async () => (await asked()).filter(({ method }) => method === 'POST'),
    close: async () => {
      await Promise.all([rig.close(), sandbox.close()]);
    },
  };
}

export function aRoute(model: string) {
  return { upstream: 'first', model, priority: 0, weight: 1 };
}

export const WISH = { model: 'film', prompt: 'a cat plays with a ball' };

export function ask(rig: Rig, body: object | Buffer, path = '/v1/videos/generations', headers = {}): Promise<Call> {
  return call(rig, { path, body, headers: { ...NAMED, ...headers } });
}

export function look(rig: Rig, id: string): Promise<Call> {
  return call(rig, { method: 'GET', path: `/v1/videos/${id}`, headers: NAMED });
}

/** Has the job run to its end, as the function for jobs does. */
export function run(rig: Rig, id: string): Promise<string> {
  return rig.runJob({ account: 'usr_1', id });
}

/** What is kept where this address leads. */
export function keptAt(rig: FilmRig, url: string): Buffer | undefined {
  return rig.media.objects.kept.get(new URL(url).pathname.slice(1))?.bytes;
}

export function isMp4(bytes: Buffer | undefined): boolean {
  return bytes?.toString('latin1', 4, 8) === 'ftyp';
}
