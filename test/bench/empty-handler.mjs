// The least that a function behind a streaming function URL can be.
export const handler = globalThis.awslambda.streamifyResponse(async (_event, stream) => {
  const response = globalThis.awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: {} });
  response.write('ok');
  response.end();
});
