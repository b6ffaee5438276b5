// What every measured gateway process says over IPC: where it listens, and on request what it has used so far.
export function report(server) {
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.send({ type: 'listening', port: server.address().port }));
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ type: 'used', cpuMicros: user + system, residentBytes: process.memoryUsage.rss() });
  });
  process.on('disconnect', () => process.exit(0));
}
