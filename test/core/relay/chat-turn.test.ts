import { readChatTurn } from '../../../layers/core/relay/chat-turn.ts';

describe('a turn of the chat surface', () => {
  test('is read from a body or from a query, where everything is text', () => {
    const wanted = {
      message: 'Hi',
      model: 'm',
      sessionId: 's-1',
      maxTokens: 5,
      temperature: 0.5,
      systemPrompt: 'Be brief',
    };
    const body = {
      message: 'Hi',
      model: 'm',
      sessionId: 's-1',
      max_tokens: 5,
      temperature: 0.5,
      systemPrompt: 'Be brief',
    };
    expect(readChatTurn({ ...body, stream: true })).toEqual({ ...wanted, stream: true });
    expect(readChatTurn({ ...body, max_tokens: '5', temperature: '0.5', stream: 'true' })).toEqual({
      ...wanted,
      stream: true,
    });
  });

  test('needs nothing but a message', () => {
    expect(readChatTurn({ message: 'Hi' })).toEqual({
      message: 'Hi',
      model: null,
      sessionId: null,
      maxTokens: null,
      temperature: null,
      systemPrompt: null,
      stream: false,
    });
  });

  test.each([
    ['message', {}],
    ['message', { message: ' ' }],
    ['message', { message: 5 }],
    ['sessionId', { message: 'Hi', sessionId: 'no spaces' }],
    ['max_tokens', { message: 'Hi', max_tokens: 0 }],
    ['temperature', { message: 'Hi', temperature: 'warm' }],
    ['stream', { message: 'Hi', stream: 'maybe' }],
    ['model', { message: 'Hi', model: 5 }],
  ])('names the field %s when it is wrong', (param, given) => {
    expect(() => readChatTurn(given)).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
  });
});
