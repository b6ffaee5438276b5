// Imports a function's module as the runtime does, and says what it found. `awslambda` is the runtime's global.
globalThis.awslambda = {
  streamifyResponse: (handler) => handler,
  HttpResponseStream: { from: (stream) => stream },
};
const { handler } = await import(process.argv[2]);
process.stdout.write(typeof handler);
