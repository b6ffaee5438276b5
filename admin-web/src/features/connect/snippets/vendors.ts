import { scriptString } from '../../../lib/snippets.ts';
import type { Snippet, Values } from './snippet.ts';

/** The SDK adds `/v1/messages` by itself. */
export function anthropicNode({ origin, apiKey, model, stream }: Values): Snippet[] {
  const client = `import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  baseURL: ${scriptString(origin)},
  apiKey: ${scriptString(apiKey)},
});
`;
  const request = `  model: ${scriptString(model)},
  max_tokens: 1024,
  messages: [{ role: 'user', content: 'Hello!' }],`;
  const text = stream
    ? `${client}
const stream = client.messages.stream({
${request}
});
stream.on('text', (text) => process.stdout.write(text));
await stream.finalMessage();`
    : `${client}
const message = await client.messages.create({
${request}
});
for (const block of message.content) {
  if (block.type === 'text') console.log(block.text);
}`;
  return [
    { title: 'npm', into: 'terminal', text: 'npm install @anthropic-ai/sdk' },
    { title: 'message.mjs', into: 'file', text },
  ];
}

export function anthropicPython({ origin, apiKey, model, stream }: Values): Snippet[] {
  const client = `from anthropic import Anthropic

client = Anthropic(
    base_url=${JSON.stringify(origin)},
    api_key=${JSON.stringify(apiKey)},
)
`;
  const request = `    model=${JSON.stringify(model)},
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello!"}],`;
  const text = stream
    ? `${client}
with client.messages.stream(
${request}
) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)`
    : `${client}
message = client.messages.create(
${request}
)
for block in message.content:
    if block.type == "text":
        print(block.text)`;
  return [
    { title: 'pip', into: 'terminal', text: 'pip install anthropic' },
    { title: 'message.py', into: 'file', text },
  ];
}

/** The SDK adds its version's path (`/v1` or `/v1beta`) by itself; the gateway serves both. */
export function googleNode({ origin, apiKey, model, stream }: Values): Snippet[] {
  const client = `import { GoogleGenAI } from '@google/genai';

const ai = new GoogleGenAI({
  apiKey: ${scriptString(apiKey)},
  httpOptions: { baseUrl: ${scriptString(origin)} },
});
`;
  const request = `{ model: ${scriptString(model)}, contents: 'Hello!' }`;
  const text = stream
    ? `${client}
const stream = await ai.models.generateContentStream(${request});
for await (const chunk of stream) process.stdout.write(chunk.text ?? '');`
    : `${client}
const response = await ai.models.generateContent(${request});
console.log(response.text);`;
  return [
    { title: 'npm', into: 'terminal', text: 'npm install @google/genai' },
    { title: 'generate.mjs', into: 'file', text },
  ];
}

export function googlePython({ origin, apiKey, model, stream }: Values): Snippet[] {
  const client = `from google import genai
from google.genai import types

client = genai.Client(
    api_key=${JSON.stringify(apiKey)},
    http_options=types.HttpOptions(base_url=${JSON.stringify(origin)}),
)
`;
  const request = `model=${JSON.stringify(model)}, contents="Hello!"`;
  const text = stream
    ? `${client}
for chunk in client.models.generate_content_stream(${request}):
    print(chunk.text or "", end="")`
    : `${client}
response = client.models.generate_content(${request})
print(response.text)`;
  return [
    { title: 'pip', into: 'terminal', text: 'pip install google-genai' },
    { title: 'generate.py', into: 'file', text },
  ];
}
