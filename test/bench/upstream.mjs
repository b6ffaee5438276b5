// The fake upstream of the bench: OpenAI-shaped answers at the least cost, steered by the model's name:
// `whole`, or `stream-<chunks>-<milliseconds between two>`.
import { createServer } from 'node:http';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';

const USAGE = { prompt_tokens: 20, completion_tokens: 40, total_tokens: 60 };
const TEXT = 'quiet river under the old stone bridge '.repeat(5);
const SHARED = { id: 'chatcmpl-bench', created: 1_767_225_600, model: 'bench', system_fingerprint: 'fp_bench' };

const MESSAGE = { role: 'assistant', content: TEXT, refusal: null, annotations: [] };
const WHOLE = Buffer.from(
  JSON.stringify({
    ...SHARED,
    object: 'chat.completion',
    choices: [{ index: 0, message: MESSAGE, logprobs: null, finish_reason: 'stop' }],
    usage: USAGE,
  }),
);

function event(choices, more = {}) {
  return Buffer.from(`data: ${JSON.stringify({ ...SHARED, object: 'chat.completion.chunk', choices, ...more })}\n\n`);
}

const WORD = event([{ index: 0, delta: { content: ' river' }, logprobs: null, finish_reason: null }]);
const END = Buffer.concat([
  event([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }]),
  event([], { usage: USAGE }),
  Buffer.from('data: [DONE]\n\n'),
]);

async function stream(response, chunks, delayMs) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let sent = 0; sent < chunks; sent += 1) {
    if (response.destroyed) return;
    response.write(WORD);
    // A turn of the loop each, so that chunks are not glued together before they leave.
    await (delayMs > 0 ? pause(delayMs) : turn());
    if (response.writableNeedDrain) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end(END);
}

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const streamed = /"stream-(\d+)-(\d+)"/.exec(Buffer.concat(parts).toString('latin1'));
    if (streamed) {
      void stream(response, Number(streamed[1]), Number(streamed[2]));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': WHOLE.length });
    response.end(WHOLE);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ type: 'listening', port: server.address().port }));
process.on('disconnect', () => process.exit(0));
