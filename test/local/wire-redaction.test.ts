import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { chosenSecret, marker, until } from '../support/gateway.ts';
import { findLeaks, keepOutOfLogs } from '../support/log-secrets.ts';
import { removeDirectory, sharedDataDirectory, sharedStack, temporaryDirectory } from '../support/stack.ts';

const ready = sharedStack();

/** Every log of the stack, as it stands now. */
function logs(): string {
  const directory = join(sharedDataDirectory(), 'logs');
  return readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), 'utf8'))
    .join('\n');
}

describe('what reaches no log', () => {
  test('keys in query strings, headers and bodies, of requests that fail at every station', async () => {
    const key = chosenSecret();
    const prompt = `Never to be written down ${marker()}`;
    keepOutOfLogs('a prompt', prompt);
    const body = JSON.stringify({
      model: 'sandbox-chat--500',
      messages: [{ role: 'user', content: prompt }],
      user: key,
    });
    const json = { 'content-type': 'application/json' };
    const bearer = { ...json, authorization: `Bearer ${ready.apiKey}` };
    const post = (path: string, headers: Record<string, string>, text = body): Promise<Response> =>
      fetch(`${ready.url}${path}`, { method: 'POST', headers, body: text });
    const wrong = ['?key=', '?apiKey=', '?api_key=', '?x=1&key='].map((query) => `${query}${key}`);
    const answers = await Promise.all([
      ...wrong.map((query) => post(`/v1/chat/completions${query}`, json)),
      ...wrong.map((query) => post(`/v1beta/models/m:generateContent${query}`, json)),
      ...wrong.map((query) => fetch(`${ready.url}/api/usage/stats${query}`)),
      ...wrong.map((query) => fetch(`${ready.url}/public-api/refresh${query}`, { headers: { 'x-api-secret': key } })),
      post('/v1/chat/completions', bearer),
      post('/v1/chat/completions', bearer, `${body.slice(0, -1)},}`),
      post('/v1/chat/completions', { ...bearer, cookie: `session=${key}`, 'x-request-id': key }),
      post('/v1/chat/completions', { ...json, 'x-api-key': key }),
      post('/api/auth/login', json, JSON.stringify({ username: 'admin', password: key })),
      post('/api/admin/import', { ...json, authorization: `Bearer ${key}` }, body),
    ]);
    expect(answers.map((answer) => answer.status).filter((status) => status < 400)).toEqual([]);
    const last = answers.at(-6)?.headers.get('x-sluice-request-id') ?? '';
    // Lines are written behind answers; when this one is there, so are the others of its process.
    await until(async () => logs().includes(last));
    const text = logs();
    expect(text.includes(key)).toBe(false);
    expect(text.includes('Never to be written down')).toBe(false);
    expect(text).not.toMatch(/[?&](?:key|api_?key)=/i);
  });
});

describe('the search that ends every run', () => {
  const directory = temporaryDirectory('leaks');
  afterAll(() => removeDirectory(directory));

  test('finds a word in any spelling, names log and word, and never tells the word', () => {
    mkdirSync(join(directory, 'logs-1'));
    const word = 'päss "word" & more';
    const says = (line: string): void => appendFileSync(join(directory, 'logs-1', 'relay.log'), `${line}\n`);
    writeFileSync(join(directory, 'words.jsonl'), `${JSON.stringify(['the pepper', word])}\n`);
    says('{"event":"request"}');
    expect(findLeaks(directory)).toEqual([]);
    for (const line of [
      word,
      JSON.stringify({ word }),
      encodeURIComponent(word),
      Buffer.from(word).toString('base64'),
    ]) {
      writeFileSync(join(directory, 'logs-1', 'relay.log'), '');
      says(`x ${line} y`);
      expect(findLeaks(directory)).toEqual([`${join('logs-1', 'relay.log')} holds the pepper`]);
    }
    writeFileSync(join(directory, 'logs-1', 'relay.log'), 'GET /v1beta/x?alt=sse&key=AIza\n');
    expect(findLeaks(directory)).toEqual([`${join('logs-1', 'relay.log')} holds a query string with a key`]);
  });
});
