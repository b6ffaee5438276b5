import type { PlainRequest, Sink } from '../../layers/kit/http/exchange.ts';
import { SINK_FAULTS, type FaultPlan } from './faults.ts';
import type { Actor, World } from './world.ts';

/** What a client saw of its request. */
export interface Seen {
  name: string;
  relay: Actor;
  /** 0: no answer. */
  status: number;
  headers: Record<string, string | string[]>;
  text: string;
  /** Content that was sent without an end would be a lie; an error or a broken connection is not. */
  ended: boolean;
  destroyed: boolean;
  left: boolean;
  startedMs: number;
}

export interface ClientDeps {
  world: World;
  plan: FaultPlan;
}

export function createClient({ world, plan }: ClientDeps, relay: Actor, name: string): { sink: Sink; seen: Seen } {
  const gone = new AbortController();
  const seen: Seen = {
    name,
    relay,
    status: 0,
    headers: {},
    text: '',
    ended: false,
    destroyed: false,
    left: false,
    startedMs: world.nowMs,
  };
  const sink: Sink = {
    gone: gone.signal,
    head(status, headers) {
      if (relay.dead) return;
      seen.status = status;
      seen.headers = headers;
    },
    write(bytes) {
      if (relay.dead || seen.left) return;
      seen.text += Buffer.from(bytes).toString();
      const fault = plan.at('client is written to', SINK_FAULTS, relay.name);
      if (fault === 'dies-before') world.kill(relay);
      if (fault === 'leaves') {
        seen.left = true;
        gone.abort();
      }
      if (fault !== 'slow') return;
      return new Promise((resolve) => {
        world.add({ place: `client ${name} reads on`, actor: relay, run: resolve });
      });
    },
    end() {
      if (!relay.dead) seen.ended = true;
    },
    destroy() {
      if (relay.dead) return;
      seen.destroyed = true;
      gone.abort();
    },
  };
  return { sink, seen };
}

export interface RequestOptions {
  secret: string;
  stream: boolean;
  maxTokens: number;
  model: string;
}

export function chatRequest(name: string, { secret, stream, maxTokens, model }: RequestOptions): PlainRequest {
  const body = JSON.stringify({ model, stream, max_tokens: maxTokens, messages: [{ role: 'user', content: name }] });
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    query: '',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'x-request-id': name },
    body: Buffer.from(body),
    clientAddress: '',
  };
}
