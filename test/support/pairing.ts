import type { FormatName } from '@sluice/llm/formats/format-name';
import type { JsonObject } from '@sluice/llm/neutral/json';

/** One turn of a wire's conversation: the calls that are made in it and the results that stand in it. */
interface Turn {
  calls: string[];
  results: string[];
  /** A result stands behind something else in its turn. */
  late: boolean;
}

/** What an upstream would refuse: calls without results, results without calls or not right behind them. */
export function pairingFaults(format: FormatName, wire: JsonObject): string[] {
  const turns = READERS[format](wire);
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const [index, turn] of turns.entries()) {
    for (const call of turn.calls) {
      if (seen.has(call)) faults.push(`the id ${call} is used twice`);
      seen.add(call);
    }
    const owed = turn.calls.toSorted();
    const given = turns[index + 1]?.results ?? [];
    if (JSON.stringify(owed) !== JSON.stringify(given.toSorted())) {
      faults.push(`turn ${index} calls ${owed.join()} and the next answers ${given.join()}`);
    }
    if (index === 0 && turn.results.length > 0) faults.push('a result stands first');
    if (turn.late) faults.push(`results of turn ${index} do not come first`);
  }
  return faults;
}

const READERS: Record<FormatName, (wire: JsonObject) => Turn[]> = {
  'openai-chat': ({ messages }) => {
    const turns: Turn[] = [];
    for (const message of messages as JsonObject[]) {
      if (message['role'] === 'tool') {
        const last = turns.at(-1);
        if (last && last.results.length > 0) last.results.push(String(message['tool_call_id']));
        else turns.push({ calls: [], results: [String(message['tool_call_id'])], late: false });
        continue;
      }
      const calls = ((message['tool_calls'] ?? []) as JsonObject[]).map(({ id }) => String(id));
      turns.push({ calls, results: [], late: false });
    }
    return turns;
  },
  // What the model did in one turn, and then the results: the items of each stand in any order.
  'openai-responses': ({ input }) => {
    const turns: Turn[] = [];
    let before = '';
    for (const item of input as JsonObject[]) {
      const isCall = item['type'] === 'function_call';
      const isResult = item['type'] === 'function_call_output';
      const kind = isCall || item['role'] === 'assistant' ? 'said' : isResult ? 'answered' : 'asked';
      if (kind !== before || kind === 'asked') turns.push({ calls: [], results: [], late: false });
      before = kind;
      if (isCall) turns.at(-1)?.calls.push(String(item['call_id']));
      if (isResult) turns.at(-1)?.results.push(String(item['call_id']));
    }
    return turns;
  },
  'anthropic-messages': ({ messages }) =>
    (messages as JsonObject[]).map(({ content }) =>
      turnOf(Array.isArray(content) ? (content as JsonObject[]) : [], {
        call: (block) => (block['type'] === 'tool_use' ? String(block['id']) : null),
        result: (block) => (block['type'] === 'tool_result' ? String(block['tool_use_id']) : null),
      }),
    ),
  gemini: ({ contents }) =>
    (contents as JsonObject[]).map(({ parts }) =>
      turnOf(parts as JsonObject[], {
        call: ({ functionCall }) => idOf(functionCall),
        result: ({ functionResponse }) => idOf(functionResponse),
      }),
    ),
  'bedrock-converse': ({ messages }) =>
    (messages as JsonObject[]).map(({ content }) =>
      turnOf(content as JsonObject[], {
        call: ({ toolUse }) => idOf(toolUse, 'toolUseId'),
        result: ({ toolResult }) => idOf(toolResult, 'toolUseId'),
      }),
    ),
};

function idOf(value: unknown, member = 'id'): string | null {
  return typeof value === 'object' && value !== null ? String((value as JsonObject)[member]) : null;
}

interface TurnReader {
  call(block: JsonObject): string | null;
  result(block: JsonObject): string | null;
}

function turnOf(blocks: readonly JsonObject[], { call, result }: TurnReader): Turn {
  const kinds = blocks.map((block) => result(block) !== null);
  return {
    calls: blocks.map(call).filter((id) => id !== null),
    results: blocks.map(result).filter((id) => id !== null),
    late: kinds.lastIndexOf(true) > kinds.filter(Boolean).length - 1,
  };
}
