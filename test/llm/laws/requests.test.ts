import type { JsonObject } from '@sluice/llm/neutral/json';
import type { NeutralRequest } from '@sluice/llm/neutral/request';
import { asked, commonRequest, tornRequest } from '../../support/common-requests.ts';
import { collectWarnings } from '../../support/formats.ts';
import { createHolds, LAW_TIMEOUT_MS } from '../../support/laws.ts';
import { pairingFaults } from '../../support/pairing.ts';
import { callOf, CLIENT_SIDES, clientOf, PAIRS, plain, UPSTREAM_SIDES, type ClientSide } from '../../support/pairs.ts';

const holds = createHolds(3);

/** A client of this language asking for it, as it comes from the network. */
function sent(client: ClientSide, request: NeutralRequest): JsonObject {
  const wire = plain(client.codec.encodeRequest(request, callOf(client, { model: request.model })));
  // We ask the Responses API not to keep what passes through us; a client does not say.
  delete wire['store'];
  return wire;
}

/** Model names stand in the path there; whether to stream, too. */
function read(client: ClientSide, wire: JsonObject): NeutralRequest {
  return client.codec.decodeRequest(wire, clientOf(client, { model: 'm' }));
}

describe.each(PAIRS)('a request of $client.name for $upstream.name', ({ client, upstream }) => {
  test(
    'asks the upstream for what the client asked for, and for nothing else',
    () => {
      holds(commonRequest, (request) => {
        const { warnings, warn } = collectWarnings();
        const received = read(client, sent(client, request));
        expect(asked(received)).toEqual(asked(request));
        const wire = plain(upstream.codec.encodeRequest(received, callOf(upstream, { warn })));
        // Converse cannot forbid tools, only leave them out.
        expect(warnings.filter((warning) => warning !== 'approximated tool_choice')).toEqual([]);
        if (request.toolChoice?.type !== 'none') expect(warnings).toEqual([]);
        const there = CLIENT_SIDES.find(({ name }) => name === upstream.name);
        if (there) expect(asked(read(there, wire))).toEqual(asked(request));
        // A way through the client's language leaves no trace: the vendor's cache sees the same prefix.
        const direct = plain(upstream.codec.encodeRequest({ ...request, stream: received.stream }, callOf(upstream)));
        expect(withoutDefaults(wire)).toEqual(withoutDefaults(direct));
      });
    },
    LAW_TIMEOUT_MS,
  );

  test(
    'comes back the same from any number of gateways in a chain',
    () => {
      const there = CLIENT_SIDES.find(({ name }) => name === upstream.name);
      holds(commonRequest, (request) => {
        const first = sent(client, request);
        const onward = plain(upstream.codec.encodeRequest(read(client, first), callOf(upstream)));
        if (!there) {
          const again = read(client, sent(client, read(client, first)));
          expect(plain(upstream.codec.encodeRequest(again, callOf(upstream)))).toEqual(onward);
          return;
        }
        const back = sent(client, read(there, onward));
        const further = plain(upstream.codec.encodeRequest(read(client, back), callOf(upstream)));
        expect(JSON.stringify(further)).toBe(JSON.stringify(onward));
      });
    },
    LAW_TIMEOUT_MS,
  );

  test(
    'has a result for each call and a call for each result, side by side, however torn it comes',
    () => {
      holds(tornRequest, (request) => {
        const received = read(client, sentTorn(client, request));
        const wire = plain(upstream.codec.encodeRequest(received, callOf(upstream)));
        expect(pairingFaults(upstream.name, wire)).toEqual([]);
      });
    },
    LAW_TIMEOUT_MS,
  );
});

describe.each(UPSTREAM_SIDES)('a request in $name', (upstream) => {
  test(
    'has its calls and results paired, whatever the conversation was',
    () => {
      holds(tornRequest, (request) => {
        const wire = plain(upstream.codec.encodeRequest(request, callOf(upstream)));
        expect(pairingFaults(upstream.name, wire)).toEqual([]);
        const again = plain(upstream.codec.encodeRequest(structuredClone(request), callOf(upstream)));
        expect(JSON.stringify(again)).toBe(JSON.stringify(wire));
      });
    },
    LAW_TIMEOUT_MS,
  );
});

describe.each(CLIENT_SIDES)('a request in $name', (client) => {
  test(
    'is the same to the letter when it is read and written again, torn or whole',
    () => {
      holds(tornRequest, (request) => {
        const once = sent(client, read(client, sentTorn(client, request)));
        expect(JSON.stringify(sent(client, read(client, once)))).toBe(JSON.stringify(once));
      });
    },
    LAW_TIMEOUT_MS,
  );
});

/** Encoders repair; what a client with a fault would send has its messages shuffled behind them. */
function sentTorn(client: ClientSide, request: NeutralRequest): JsonObject {
  const wire = sent(client, request);
  const member = CONVERSATION[client.name];
  return { ...wire, [member]: shuffled(wire[member]) };
}

const CONVERSATION: Record<ClientSide['name'], string> = {
  'openai-chat': 'messages',
  'openai-responses': 'input',
  'anthropic-messages': 'messages',
  gemini: 'contents',
};

function shuffled(list: unknown): JsonObject[] {
  const items = list as JsonObject[];
  if (items.length < 3) return items;
  const middle = Math.trunc(items.length / 2);
  return [...items.slice(middle), ...items.slice(0, middle - 1)];
}

/** What only one of two ways mentions: how closely an image is looked at, and that a schema is no strict one. */
function withoutDefaults(wire: JsonObject): unknown {
  return JSON.parse(
    JSON.stringify(wire, (key, value: unknown) => (key === 'detail' || key === 'strict' ? undefined : value)),
  );
}
