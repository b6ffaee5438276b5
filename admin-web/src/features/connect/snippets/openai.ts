import {
  curlSnippet,
  nodeSnippet,
  pythonSnippet,
  quoteForShell,
  scriptString,
  shellWord,
} from '../../../lib/snippets.ts';
import type { Snippet, Values } from './snippet.ts';

export function curl(values: Values): Snippet[] {
  const { origin, apiKey } = values;
  const authorization = `  -H '${quoteForShell(`authorization: Bearer ${apiKey}`)}'`;
  return [
    { title: 'POST /v1/chat/completions', into: 'terminal', text: curlSnippet(values) },
    {
      title: 'GET /v1/models',
      into: 'terminal',
      text: `curl ${shellWord(`${origin}/v1/models`)} \\\n${authorization}`,
    },
  ];
}

export function openaiNode(values: Values): Snippet[] {
  return [
    { title: 'npm', into: 'terminal', text: 'npm install openai' },
    { title: 'chat.mjs', into: 'file', text: nodeSnippet(values) },
    { title: 'responses.mjs', into: 'file', text: responsesOfNode(values) },
  ];
}

function responsesOfNode({ origin, apiKey, model, stream }: Values): string {
  const client = `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: ${scriptString(`${origin}/v1`)}, apiKey: ${scriptString(apiKey)} });
`;
  if (!stream) {
    return `${client}
const response = await client.responses.create({ model: ${scriptString(model)}, input: 'Hello!' });
console.log(response.output_text);`;
  }
  return `${client}
const stream = await client.responses.create({ model: ${scriptString(model)}, input: 'Hello!', stream: true });
for await (const event of stream) {
  if (event.type === 'response.output_text.delta') process.stdout.write(event.delta);
}`;
}

export function openaiPython(values: Values): Snippet[] {
  return [
    { title: 'pip', into: 'terminal', text: 'pip install openai' },
    { title: 'chat.py', into: 'file', text: pythonSnippet(values) },
  ];
}

export function images(values: Values): Snippet[] {
  const { origin, apiKey, model } = values;
  const curlText = [
    `curl ${shellWord(`${origin}/v1/images/generations`)} \\`,
    `  -H '${quoteForShell(`authorization: Bearer ${apiKey}`)}' \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '{`,
    `    "model": ${quoteForShell(JSON.stringify(model))},`,
    `    "prompt": "a cat with a hat",`,
    `    "size": "1024x1024"`,
    `  }'`,
  ].join('\n');
  const node = `import { writeFile } from 'node:fs/promises';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: ${scriptString(`${origin}/v1`)}, apiKey: ${scriptString(apiKey)} });

const { data } = await client.images.generate({
  model: ${scriptString(model)},
  prompt: 'a cat with a hat',
  size: '1024x1024',
  response_format: 'b64_json',
});
await writeFile('cat.png', Buffer.from(data?.[0]?.b64_json ?? '', 'base64'));`;
  const python = `import base64
from openai import OpenAI

client = OpenAI(base_url=${JSON.stringify(`${origin}/v1`)}, api_key=${JSON.stringify(apiKey)})

image = client.images.generate(
    model=${JSON.stringify(model)},
    prompt="a cat with a hat",
    size="1024x1024",
    response_format="b64_json",
)
with open("cat.png", "wb") as file:
    file.write(base64.b64decode(image.data[0].b64_json))`;
  return [
    { title: 'curl', into: 'terminal', text: curlText },
    { title: 'image.mjs', into: 'file', text: node },
    { title: 'image.py', into: 'file', text: python },
  ];
}
