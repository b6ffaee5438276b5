/** Text that a person pastes into a terminal or a file to make the first call. */

export interface SnippetValues {
  /** Address of the gateway without a trailing slash, e.g. `https://llm.example.com`. */
  origin: string;
  apiKey: string;
  model: string;
}

export const KEY_PLACEHOLDER = 'sk-your-key';
export const MODEL_PLACEHOLDER = 'your-model';

export function curlSnippet({ origin, apiKey, model }: SnippetValues): string {
  return [
    `curl -N ${origin}/v1/chat/completions \\`,
    `  -H 'authorization: Bearer ${apiKey}' \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '{`,
    `    "model": ${quoteForShell(JSON.stringify(model))},`,
    `    "messages": [{"role": "user", "content": "Hello!"}],`,
    `    "stream": true`,
    `  }'`,
  ].join('\n');
}

/** Text as it stands between single quotes of a POSIX shell. */
function quoteForShell(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}

export function nodeSnippet({ origin, apiKey, model }: SnippetValues): string {
  return `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: '${origin}/v1',
  apiKey: '${apiKey}',
});

const stream = await client.chat.completions.create({
  model: ${JSON.stringify(model)},
  messages: [{ role: 'user', content: 'Hello!' }],
  stream: true,
});
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '');
}`;
}

export function pythonSnippet({ origin, apiKey, model }: SnippetValues): string {
  return `from openai import OpenAI

client = OpenAI(
    base_url="${origin}/v1",
    api_key="${apiKey}",
)

stream = client.chat.completions.create(
    model=${JSON.stringify(model)},
    messages=[{"role": "user", "content": "Hello!"}],
    stream=True,
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="")`;
}
