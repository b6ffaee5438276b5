import { describe, expect, test } from '@jest/globals';
import { eventsOf } from '../../../../admin-web/src/lib/chat/stream-chat.ts';
import { EMPTY_REPLY, grow, messagesOf, type Reply } from '../../../../admin-web/src/features/playground/turns.ts';

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
      choices: [{ delta: { tool_calls: [{ index, function: { ...(name ? { name } : {}), arguments: text } }] } }],
    });
    const { tools } = replyOf([
      call(0, 'get_weather', '{"pl'),
      call(1, 'get_weather', '{}'),
      call(0, undefined, 'ace":1}'),
    ]);
    expect(tools).toEqual([
      { name: 'get_weather', arguments: '{"place":1}' },
      { name: 'get_weather', arguments: '{}' },
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
