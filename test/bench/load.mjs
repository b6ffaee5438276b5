// The load generator: a fixed number of requests over kept connections, so many at once. Answers with what each took.
// Every `abortEvery`th client leaves after some chunks of its answer. An answer that is no 200 ends the run, unless so
// many of them are `tolerated`.
import { Agent, request } from 'node:http';

const agents = new Map();

function agentFor(port, connections) {
  const name = `${port}/${connections}`;
  const known = agents.get(name) ?? new Agent({ keepAlive: true, maxSockets: connections });
  agents.set(name, known);
  return known;
}

const ABORT_AFTER_CHUNKS = 3;

function send({ port, headers, body }, agent, aborts) {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const options = { host: '127.0.0.1', port, path: '/v1/chat/completions', method: 'POST', agent };
    const sent = { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const outgoing = request({ ...options, headers: sent }, (answer) => {
      const headMs = performance.now() - startedAt;
      const timing = answer.headers['server-timing'] ?? '';
      let firstByteMs;
      let tail = '';
      let chunks = 0;
      const done = () =>
        resolve({ headMs, firstByteMs: firstByteMs ?? headMs, totalMs: performance.now() - startedAt, timing });
      answer.on('data', (bytes) => {
        firstByteMs ??= performance.now() - startedAt;
        tail = bytes.toString('latin1').slice(-400);
        chunks += 1;
        if (aborts && chunks === ABORT_AFTER_CHUNKS) {
          done();
          outgoing.destroy();
        }
      });
      // After `done` these have nothing left to say.
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) done();
        else reject(new Error(`status ${answer.statusCode}: ${tail}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function run(job) {
  const agent = agentFor(job.port, job.connections);
  const results = [];
  let left = job.count;
  let failures = 0;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      try {
        results.push(await send(job, agent, job.abortEvery > 0 && left % job.abortEvery === 0));
      } catch (error) {
        failures += 1;
        if (failures > (job.tolerated ?? 0)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: job.connections }, worker));
  return results;
}

process.on('message', async (job) => {
  try {
    process.send({ type: 'done', results: await run(job) });
  } catch (error) {
    process.send({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', () => process.exit(0));
process.send({ type: 'up' });
