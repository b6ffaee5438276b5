/** Text that a person pastes into a terminal or a file to make the first call. */

export interface SnippetValues {
  /** Address of the gateway without a trailing slash, e.g. `https://llm.example.com`. */
  origin: string;
  apiKey: string;
  model: string;
  /** Word by word (the usual way), or the whole answer at once. */
  stream?: boolean;
}

export const KEY_PLACEHOLDER = 'sk-your-key';
export const MODEL_PLACEHOLDER = 'your-model';

/** A string of JavaScript, in single quotes where that needs no escapes. */
export function scriptString(text: string): string {
  return /['\\]/.test(text) ? JSON.stringify(text) : `'${text}'`;
}

/** A word of a POSIX shell, quoted where it must be. */
export function shellWord(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${quoteForShell(text)}'`;
}

/** Text as it stands between single quotes of a POSIX shell. */
export function quoteForShell(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}

export function curlSnippet({ origin, apiKey, model, stream = true }: SnippetValues): string {
  return [
    `curl ${stream ? '-N ' : ''}${shellWord(`${origin}/v1/chat/completions`)} \\`,
    `  -H '${quoteForShell(`authorization: Bearer ${apiKey}`)}' \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '{`,
    `    "model": ${quoteForShell(JSON.stringify(model))},`,
    `    "messages": [{"role": "user", "content": "Hello!"}]${stream ? ',' : ''}`,
    ...(stream ? [`    "stream": true`] : []),
    `  }'`,
  ].join('\n');
}

export function nodeSnippet({ origin, apiKey, model, stream = true }: SnippetValues): string {
  const client = `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: ${scriptString(`${origin}/v1`)},
  apiKey: ${scriptString(apiKey)},
});
`;
  if (!stream) {
    return `${client}
const answer = await client.chat.completions.create({
  model: ${scriptString(model)},
  messages: [{ role: 'user', content: 'Hello!' }],
});
console.log(answer.choices[0]?.message.content);`;
  }
  return `${client}
const stream = await client.chat.completions.create({
  model: ${scriptString(model)},
  messages: [{ role: 'user', content: 'Hello!' }],
  stream: true,
});
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '');
}`;
}

export function pythonSnippet({ origin, apiKey, model, stream = true }: SnippetValues): string {
  const client = `from openai import OpenAI

client = OpenAI(
    base_url=${JSON.stringify(`${origin}/v1`)},
    api_key=${JSON.stringify(apiKey)},
)
`;
  if (!stream) {
    return `${client}
answer = client.chat.completions.create(
    model=${JSON.stringify(model)},
    messages=[{"role": "user", "content": "Hello!"}],
)
print(answer.choices[0].message.content)`;
  }
  return `${client}
stream = client.chat.completions.create(
    model=${JSON.stringify(model)},
    messages=[{"role": "user", "content": "Hello!"}],
    stream=True,
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="")`;
}
