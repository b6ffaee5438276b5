// What every measured gateway process says over IPC: where it listens, and on request what lives in its heap.
export function report(server) {
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.send({ type: 'listening', port: server.address().port }));
  process.on('message', async () => {
    process.send({ type: 'memory', ...(await liveMemory()) });
  });
  process.on('disconnect', () => process.exit(0));
}

/** Collected until nothing more goes: finalizers and weak references take a turn of the loop each. */
async function liveMemory() {
  for (let pass = 0; pass < 4; pass += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage();
}
