import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Document, DocumentValue, UpdateRequest } from '../../layers/aws/table-client.ts';
import { createTableOperations } from '../../layers/aws/table-operations.ts';
import { putText, updateText } from '../../layers/aws/write-texts.ts';

/** What the other clients send, as a document. */
async function sent(write: (client: ReturnType<typeof createTableOperations>) => Promise<unknown>): Promise<unknown> {
  const inputs: object[] = [];
  const transport = {
    send: (_operation: string, input: object) => {
      inputs.push(input);
      return Promise.resolve({});
    },
    close: () => Promise.resolve(),
  };
  await write(createTableOperations(transport));
  return JSON.parse(JSON.stringify(inputs[0]));
}

const name = fc.string({ unit: 'binary', maxLength: 12 });
const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.maxSafeInteger(),
  fc.constantFrom(0.5, 1e-7, 1e21 / 3e15, -0.25),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 20 }),
);
const { document } = fc.letrec<{ document: Document; value: DocumentValue }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(leaf, { maxLength: 4 }), tie('document')),
  document: fc.dictionary(name, fc.option(tie('value'), { nil: undefined }), { maxKeys: 5 }),
})) as { document: fc.Arbitrary<Document> };

const placeholders = {
  table: name,
  names: fc.option(fc.dictionary(name, name, { maxKeys: 3 }), { nil: undefined }),
  values: fc.option(document, { nil: undefined }),
  condition: fc.option(name, { nil: undefined }),
};
const key = fc.dictionary(name, fc.oneof(name, fc.maxSafeInteger()), { maxKeys: 2 });
const returns = fc.constantFrom('none', 'old', 'new', undefined);

describe('a write as text', () => {
  it('says what a put says in objects', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record({ ...placeholders, item: document }), async (request) => {
        expect(JSON.parse(putText(request))).toEqual(await sent((client) => client.put(request)));
      }),
    );
  });

  it('says what an update says in objects', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record({ ...placeholders, key, update: name, returns }), async (request) => {
        const update: UpdateRequest = request;
        expect(JSON.parse(updateText(update))).toEqual(await sent((client) => client.update(update)));
      }),
    );
  });

  it('refuses a number that cannot be stored exactly', () => {
    for (const number of [Number.NaN, Infinity, 2 ** 60, 1e-140]) {
      expect(() => putText({ table: 't', item: { number } })).toThrow(RangeError);
    }
  });
});
