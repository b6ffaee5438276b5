/** The first bytes of a body, and the whole body once more; a body that ends earlier has fewer. */
export async function peekBody(
  body: AsyncIterable<Uint8Array> | Uint8Array,
  wanted: number,
): Promise<{ head: Uint8Array; whole: AsyncIterable<Uint8Array> | Uint8Array }> {
  if (body instanceof Uint8Array) return { head: body.subarray(0, wanted), whole: body };
  const rest = body[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < wanted) {
    const next = await rest.next();
    if (next.done === true) break;
    read.push(next.value);
    bytes += next.value.length;
  }
  const head = Buffer.concat(read.map((chunk) => chunk.subarray(0, wanted))).subarray(0, wanted);
  return { head, whole: chain(read, rest) };
}

/** No generator: one that was never asked for anything would not pass on that nobody wants the rest. */
function chain(read: Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const value = read.shift();
      return value === undefined ? rest.next() : { done: false, value };
    },
    async return() {
      await rest.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
