import { expect } from '@jest/globals';

/** Whose error object callers of a path read (architecture.md §9), said again here, by whoever tests it. */
export type Reader = 'openai' | 'anthropic' | 'google' | 'public' | 'chat' | 'union' | 'union with code';

const READERS: readonly (readonly [prefix: RegExp, reader: Reader])[] = [
  [/^\/public-api(\/|$)/, 'public'],
  [/^\/v1\/messages/, 'anthropic'],
  [/^\/cc(\/|$)/, 'anthropic'],
  [/^\/v1beta(\/|$)/, 'google'],
  [/^\/v1(\/|$)/, 'openai'],
  [/^\/api\/v1\/(chat|images|models)/, 'openai'],
  [/^\/api\/chat/, 'chat'],
  [/^\/api\/v1\/admin(\/|$)/, 'union with code'],
  [/^\/(api|health)/, 'union'],
];

export function readerOf(path: string): Reader {
  const found = READERS.find(([prefix]) => prefix.test(path));
  if (!found) throw new Error(`Nobody says whose error object is read under ${path}`);
  return found[1];
}

const sentence = expect.stringMatching(/\S+ \S+/);

/** Asserts the whole body of a failure. */
export function expectEnvelope(reader: Reader, status: number, body: unknown): void {
  const shapes: Record<Reader, () => object> = {
    openai: () => ({
      error: { message: sentence, type: expect.any(String), param: anyOrNull(body), code: expect.any(String) },
    }),
    anthropic: () => ({
      type: 'error',
      error: { type: expect.stringMatching(/_error$|^request_too_large$/), message: sentence },
      request_id: expect.any(String),
    }),
    google: () => ({
      error: {
        code: status,
        message: sentence,
        status: expect.stringMatching(/^[A-Z_]+$/),
        details: expect.any(Array),
      },
    }),
    public: () => ({ success: false, msg: sentence }),
    chat: () => ({ success: false, error: sentence }),
    union: () => union(body),
    'union with code': () => ({ ...union(body), code: (body as { error_code?: string }).error_code }),
  };
  expect(body).toEqual(shapes[reader]());
}

function anyOrNull(body: unknown): unknown {
  const { error } = body as { error?: { param?: unknown } };
  return error?.param === null ? null : expect.any(String);
}

/** One sentence under the three names that the contracts' readers look for. */
function union(body: unknown): object {
  const { error, errors } = body as { error?: string; errors?: unknown };
  return {
    success: false,
    error: sentence,
    error_code: expect.stringMatching(/^[A-Z][A-Z_]+$/),
    detail: error,
    message: error,
    request_id: expect.any(String),
    ...(errors === undefined ? {} : { errors: expect.any(Array) }),
  };
}
