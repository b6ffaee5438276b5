import type { UpstreamClient } from '../../layers/kit/http/upstream-client.ts';
import { createUpstreamExchange, type UpstreamExchange } from '../../layers/kit/http/upstream-exchange.ts';
import { chatBody, chatEvents } from '../support/fake-upstream.ts';
import { UPSTREAM_EVENT_FAULTS, UPSTREAM_START_FAULTS, type Fault, type FaultPlan } from './faults.ts';
import { FROZEN_MS } from './faulty-transport.ts';
import type { Actor, World } from './world.ts';

/** What the upstream knows of one call: the truth that the ledger is held against. */
export interface SeenCall {
  /** What the client called its request. */
  request: string;
  /** Id of the credential that it came with. */
  credential: string;
  atMs: number;
  /** It was answered with content, so that it will be charged for. */
  served: boolean;
  /** The process that called was alive and had not broken the call off when the last event was sent. */
  complete: boolean;
  isOpen: boolean;
}

/** What every served call takes, by the upstream's own report; another sum than our estimates come to. */
export const TAKEN = { prompt_tokens: 24, completion_tokens: 11, total_tokens: 35 };

interface Deps {
  world: World;
  plan: FaultPlan;
  calls: SeenCall[];
  /** Looks at the ledger at the moment when an upstream is called. */
  inspect(request: string, credential: string): void;
}

/** An upstream within the world: each of its signs of life is an action, and each may be its last. */
export function createWorldUpstream({ world, plan, calls, inspect }: Deps, actor: Actor): UpstreamClient {
  return {
    open(call) {
      const exchange = createUpstreamExchange();
      const asked = JSON.parse(String(call.body)) as { stream?: boolean; messages: { content: string }[] };
      const seen: SeenCall = {
        request: asked.messages[0]!.content,
        credential: (call.headers['authorization'] ?? '').replace('Bearer secret-of-', 'crd_'),
        atMs: world.nowMs,
        served: false,
        complete: false,
        isOpen: true,
      };
      calls.push(seen);
      inspect(seen.request, seen.credential);
      play({ world, plan, actor, exchange, seen }, asked.stream === true);
      return exchange;
    },
    close: async () => undefined,
  };
}

interface Play extends Pick<Deps, 'world' | 'plan'> {
  actor: Actor;
  exchange: UpstreamExchange;
  seen: SeenCall;
}

function play(stage: Play, stream: boolean): void {
  const { world, plan, actor, exchange, seen } = stage;
  const controller = createController(seen);
  const { handler } = exchange;
  const breakOff = (code: string): void => {
    seen.isOpen = false;
    handler.onResponseError?.(controller, Object.assign(new Error(code), { code }));
  };
  const next = (place: string, kinds: readonly Fault[], go: (fault: Fault | null) => void): void => {
    world.add({
      place: `upstream of ${seen.request}: ${place}`,
      actor,
      run() {
        if (!seen.isOpen) return;
        const fault = plan.at(`upstream ${place.replace(/ \d+$/, '')}`, kinds, actor.name);
        if (fault === 'dies-before') return world.kill(actor);
        if (fault === 'frozen') {
          world.freeze(actor, FROZEN_MS);
          return world.add({ place: `upstream of ${seen.request}: ${place}, slept`, actor, run: () => go(null) });
        }
        if (fault === 'hang') return;
        if (fault === 'cut') return breakOff('ECONNRESET');
        go(fault);
      },
    });
  };
  const end = (): void => {
    next('end', UPSTREAM_EVENT_FAULTS, () => {
      seen.isOpen = false;
      seen.complete = true;
      handler.onResponseEnd?.(controller, {});
    });
  };
  const pieces = stream ? chatEvents(['one', ' two'], { usage: TAKEN }) : [chatBody('one two', TAKEN)];
  const piece = (index: number): void => {
    if (index === pieces.length) return end();
    next(`event ${index}`, UPSTREAM_EVENT_FAULTS, () => {
      handler.onResponseData?.(controller, Buffer.from(pieces[index]!));
      piece(index + 1);
    });
  };
  const refuse = (status: number): void => {
    const headers = { 'content-type': 'application/json', ...(status === 429 && { 'retry-after': '1' }) };
    handler.onResponseStart?.(controller, status, headers, '');
    handler.onResponseData?.(controller, Buffer.from('{"error":{"message":"not now","type":"t","code":"c"}}'));
    seen.isOpen = false;
    handler.onResponseEnd?.(controller, {});
  };
  next('start', UPSTREAM_START_FAULTS, (fault) => {
    if (fault === 'unreachable') return breakOff('ECONNREFUSED');
    handler.onRequestStart?.(controller, {});
    if (fault === 'status-429') return refuse(429);
    if (fault === 'status-500') return refuse(500);
    seen.served = true;
    const type = stream ? 'text/event-stream' : 'application/json';
    handler.onResponseStart?.(controller, 200, { 'content-type': type }, '');
    piece(0);
  });
}

function createController(seen: SeenCall): Parameters<NonNullable<UpstreamExchange['handler']['onRequestStart']>>[0] {
  let aborted = false;
  return {
    get aborted() {
      return aborted;
    },
    paused: false,
    reason: null,
    abort() {
      aborted = true;
      seen.isOpen = false;
    },
    pause: () => undefined,
    resume: () => undefined,
  };
}
