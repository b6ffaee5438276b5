import { readConversation } from '../../../../layers/llm/formats/openai-chat/conversation.ts';
import { readRequest } from '../../../../layers/llm/formats/openai-chat/request.ts';

function openingOf(body: object | string): string | null {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const opening = readConversation(bytes, readRequest(bytes));
  return opening === null ? null : opening.toString();
}

const system = { role: 'system', content: 'Be brief.' };
const developer = { role: 'developer', content: 'Be kind.' };
const user = { role: 'user', content: 'Hello' };

describe('what a conversation keeps', () => {
  it('stays the same while the conversation grows', () => {
    const turns = [system, user, { role: 'assistant', content: 'Hi' }, { role: 'user', content: 'More' }];
    const openings = [2, 3, 4].map((length) => openingOf({ model: 'm', messages: turns.slice(0, length) }));
    expect(new Set(openings).size).toBe(1);
    expect(openings[0]).toBe(`${JSON.stringify(system)},${JSON.stringify(user)}`);
  });

  it('reaches behind all settings to the first message of the user, and no further', () => {
    expect(openingOf({ model: 'm', messages: [system, developer, user, user] })).toContain('Hello');
    expect(openingOf({ model: 'm', messages: [user, system] })).toBe(JSON.stringify(user));
    expect(openingOf({ model: 'm', messages: [system, { ...user, content: 'Other' }] })).not.toBe(
      openingOf({ model: 'm', messages: [system, user] }),
    );
  });

  it('is the client’s own key where it gives one', () => {
    expect(openingOf({ model: 'm', messages: [user], prompt_cache_key: 'session-1' })).toBe('session-1');
    expect(openingOf({ model: 'm', messages: [user], prompt_cache_key: null })).toBe(JSON.stringify(user));
  });

  it('copes with white space and nothing but settings', () => {
    expect(openingOf('{"model":"m","messages": [ {"role" : "system"} , {"role":"user"} ] }')).toBe(
      '{"role" : "system"} , {"role":"user"}',
    );
    expect(openingOf({ model: 'm', messages: [system] })).toBe(JSON.stringify(system));
  });
});
