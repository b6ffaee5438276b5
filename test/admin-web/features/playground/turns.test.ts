import { describe, expect, test } from '@jest/globals';
import { callTool } from '../../../../admin-web/src/features/playground/clock-tool.ts';
import { eventsOf } from '../../../../admin-web/src/lib/chat/stream-chat.ts';
import {
  EMPTY_REPLY,
  grow,
  messagesOf,
  shownTurn,
  turnsOfKept,
  type Reply,
} from '../../../../admin-web/src/features/playground/turns.ts';

/** A reply out of chunks, one every 10 ms. */
function replyOf(chunks: readonly Parameters<typeof eventsOf>[0][]): Reply {
  let reply = EMPTY_REPLY;
  for (const [index, chunk] of chunks.entries()) {
    for (const event of eventsOf(chunk)) reply = grow(reply, event, (index + 1) * 10);
  }
  return reply;
}

describe('a reply in the playground', () => {
  test('grows by thoughts and text, and knows when its first piece came and what it used', () => {
    const reply = replyOf([
      { choices: [{ delta: {} }] },
      { choices: [{ delta: { reasoning_content: 'Hm. ' } }] },
      { choices: [{ delta: { content: 'Good ' } }] },
      { choices: [{ delta: { content: 'day' }, finish_reason: 'stop' }] },
      { choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } },
    ]);
    expect(reply).toMatchObject({
      text: 'Good day',
      reasoning: 'Hm. ',
      firstMs: 20,
      endReason: 'stop',
      usage: { input: 7, output: 3 },
    });
  });

  test('arguments of several tool calls are put together by their places', () => {
    const call = (index: number, name: string | undefined, text: string) => ({
      choices: [
        {
          delta: {
            tool_calls: [
              {
                index,
                ...(name ? { id: `call_${index}` } : {}),
                function: { ...(name ? { name } : {}), arguments: text },
              },
            ],
          },
        },
      ],
    });
    const { tools } = replyOf([
      call(0, 'get_weather', '{"pl'),
      call(1, 'get_weather', '{}'),
      call(0, undefined, 'ace":1}'),
    ]);
    expect(tools).toEqual([
      { id: 'call_0', name: 'get_weather', arguments: '{"place":1}' },
      { id: 'call_1', name: 'get_weather', arguments: '{}' },
    ]);
  });
});

describe('the conversation that is sent', () => {
  test('begins with the instructions where there are some, and leaves out replies that never came', () => {
    const turns = [
      { role: 'user' as const, text: 'a', images: [] },
      EMPTY_REPLY,
      { role: 'user' as const, text: 'b', images: ['data:image/png;base64,AA=='] },
    ];
    expect(messagesOf(' be brief ', turns)).toEqual([
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'a' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'b' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
        ],
      },
    ]);
    expect(messagesOf('  ', [])).toEqual([]);
  });
});

describe('calls of tools', () => {
  const called: Reply = { ...EMPTY_REPLY, tools: [{ id: 'c1', name: 'get_current_time', arguments: '{}' }] };

  test('are sent with their results, and left out without them', () => {
    const asked = { role: 'user' as const, text: 'When?', images: [] };
    expect(messagesOf('', [asked, called])).toEqual([{ role: 'user', content: 'When?' }]);
    const results = { role: 'tool' as const, results: [{ id: 'c1', text: '{"now":1}' }] };
    expect(messagesOf('', [asked, called, results]).slice(1)).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'get_current_time', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: '{"now":1}' },
    ]);
  });

  test('are answered with the time of the zone, or with what is wrong', () => {
    const name = 'get_current_time';
    const told = callTool({ name, arguments: '{"time_zone":"Asia/Tokyo"}' }, Date.UTC(2026, 10, 21, 12));
    expect(JSON.parse(told)).toMatchObject({ time_zone: 'Asia/Tokyo', now: expect.stringContaining('21:00') });
    for (const call of [
      { name, arguments: '{"time_zone":"Nowhere"}' },
      { name, arguments: 'no json' },
      { name: 'other', arguments: '' },
    ]) {
      expect(JSON.parse(callTool(call, 0))).toEqual({ error: expect.any(String) });
    }
  });
});

describe('a kept conversation', () => {
  test('is gone on from with its instructions, words and pictures', () => {
    const kept = turnsOfKept({
      turns: [
        { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'Hi' },
            { type: 'image', url: 'data:image/png;base64,AA==' },
          ],
        },
        { role: 'assistant', parts: [{ type: 'tool_call', name: 'look', arguments: '{}' }] },
        { role: 'tool', parts: [{ type: 'tool_result', text: 'A cat' }] },
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'Hm' },
            { type: 'text', text: 'A cat.' },
          ],
        },
      ],
    });
    expect(kept).toEqual({
      system: 'Be brief.',
      turns: [
        { role: 'user', text: 'Hi', images: ['data:image/png;base64,AA=='] },
        { ...EMPTY_REPLY, text: 'A cat.' },
      ],
    });
    expect(kept.turns.map(shownTurn).map(({ parts }) => parts.length)).toEqual([2, 1]);
  });
});
