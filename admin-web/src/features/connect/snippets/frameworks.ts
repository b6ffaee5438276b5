import { scriptString } from '../../../lib/snippets.ts';
import type { Snippet, Values } from './snippet.ts';

export function aiSdk({ origin, apiKey, model, stream }: Values): Snippet[] {
  const provider = `import { createOpenAI } from '@ai-sdk/openai';
import { ${stream ? 'streamText' : 'generateText'} } from 'ai';

const sluice = createOpenAI({
  baseURL: ${scriptString(`${origin}/v1`)},
  apiKey: ${scriptString(apiKey)},
});
`;
  const request = `{ model: sluice(${scriptString(model)}), prompt: 'Hello!' }`;
  const text = stream
    ? `${provider}
const { textStream } = streamText(${request});
for await (const part of textStream) process.stdout.write(part);`
    : `${provider}
const { text } = await generateText(${request});
console.log(text);`;
  const others = `import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';

const anthropic = createAnthropic({
  baseURL: ${scriptString(`${origin}/v1`)},
  apiKey: ${scriptString(apiKey)},
});
const google = createGoogleGenerativeAI({
  baseURL: ${scriptString(`${origin}/v1beta`)},
  apiKey: ${scriptString(apiKey)},
});`;
  return [
    { title: 'npm', into: 'terminal', text: 'npm install ai @ai-sdk/openai' },
    { title: 'chat.mjs', into: 'file', text },
    { title: '@ai-sdk/anthropic, @ai-sdk/google', into: 'file', text: others },
  ];
}

export function langchainNode({ origin, apiKey, model, stream }: Values): Snippet[] {
  const client = `import { ChatOpenAI } from '@langchain/openai';

const chat = new ChatOpenAI({
  model: ${scriptString(model)},
  apiKey: ${scriptString(apiKey)},
  configuration: { baseURL: ${scriptString(`${origin}/v1`)} },
});
`;
  const text = stream
    ? `${client}
for await (const chunk of await chat.stream('Hello!')) process.stdout.write(chunk.text);`
    : `${client}
const message = await chat.invoke('Hello!');
console.log(message.text);`;
  return [
    { title: 'npm', into: 'terminal', text: 'npm install @langchain/openai @langchain/core' },
    { title: 'chat.mjs', into: 'file', text },
  ];
}

export function langchainPython({ origin, apiKey, model, stream }: Values): Snippet[] {
  const client = `from langchain_openai import ChatOpenAI

chat = ChatOpenAI(
    model=${JSON.stringify(model)},
    api_key=${JSON.stringify(apiKey)},
    base_url=${JSON.stringify(`${origin}/v1`)},
)
`;
  const text = stream
    ? `${client}
for chunk in chat.stream("Hello!"):
    print(chunk.content, end="")`
    : `${client}
print(chat.invoke("Hello!").content)`;
  return [
    { title: 'pip', into: 'terminal', text: 'pip install langchain-openai' },
    { title: 'chat.py', into: 'file', text },
  ];
}
