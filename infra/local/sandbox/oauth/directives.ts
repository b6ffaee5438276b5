/**
 * Faults of the token endpoint on request. They stand in the name of a refresh token's family, and so in every token of
 * it, or in the client id: `rt-alice--429`, `sandbox-client--500`. `--times-2` lets them hold for the first two grants.
 */
export interface GrantDirectives {
  /** Answered with this instead of tokens; the refresh token is not used up. */
  refusal: { status: number; error: string } | null;
  retryAfterSeconds: number | null;
  /** Takes the request, uses the token up, and never answers. */
  hang: boolean;
  /** Takes the request, uses the token up, and breaks the connection. */
  cut: boolean;
  /** Breaks the connection without having used the token up. */
  cutBefore: boolean;
  /** A 200 that is no JSON, with the token used up. */
  garbage: boolean;
  /** The refresh token stays as it is, and the answer has none. */
  keep: boolean;
  delayMs: number;
  /** The answer waits until it is let go: `POST /__oauth/release`. */
  gate: boolean;
  lifeSeconds: number;
  /** Access tokens carry no expiry but the JWT's, or none at all. */
  withoutExpiresIn: boolean;
  opaque: boolean;
  /** Faults hold for so many grants of a family; null = always. */
  times: number | null;
}

type Reading = (found: GrantDirectives, value: number) => void;

const refuse =
  (status: number, error: string): Reading =>
  (found) => {
    found.refusal = { status, error };
  };

const READINGS: readonly (readonly [RegExp, Reading])[] = [
  [/^429$/, refuse(429, 'slow_down')],
  [/^invalid-grant$/, refuse(400, 'invalid_grant')],
  [/^invalid-client$/, refuse(401, 'invalid_client')],
  [/^invalid-scope$/, refuse(400, 'invalid_scope')],
  [/^(5\d\d)$/, (found, value) => (found.refusal = { status: value, error: 'server_error' })],
  [/^retry-after-(\d+)$/, (found, value) => (found.retryAfterSeconds = value)],
  [/^hang$/, (found) => (found.hang = true)],
  [/^cut$/, (found) => (found.cut = true)],
  [/^cut-before$/, (found) => (found.cutBefore = true)],
  [/^garbage$/, (found) => (found.garbage = true)],
  [/^keep$/, (found) => (found.keep = true)],
  [/^gate$/, (found) => (found.gate = true)],
  [/^delay-(\d+)$/, (found, value) => (found.delayMs = value)],
  [/^life-(\d+)$/, (found, value) => (found.lifeSeconds = value)],
  [/^no-expires-in$/, (found) => (found.withoutExpiresIn = true)],
  [/^opaque$/, (found) => (found.opaque = true)],
  [/^times-(\d+)$/, (found, value) => (found.times = value)],
];

const USUAL: GrantDirectives = {
  refusal: null,
  retryAfterSeconds: null,
  hang: false,
  cut: false,
  cutBefore: false,
  garbage: false,
  keep: false,
  delayMs: 0,
  gate: false,
  lifeSeconds: 3600,
  withoutExpiresIn: false,
  opaque: false,
  times: null,
};

/**
 * @param names a family and a client id
 * @param attempts grants of this family that were asked for before
 */
export function readGrantDirectives(names: readonly string[], attempts: number): GrantDirectives {
  const found = { ...USUAL };
  for (const directive of names.flatMap((name) => name.split('--').slice(1))) {
    const reading = READINGS.find(([pattern]) => pattern.test(directive));
    const value = reading?.[0].exec(directive)?.[1];
    reading?.[1](found, value === undefined ? 0 : Number(value));
  }
  if (found.times === null || attempts < found.times) return found;
  const { keep, lifeSeconds, withoutExpiresIn, opaque, delayMs } = found;
  return { ...USUAL, keep, lifeSeconds, withoutExpiresIn, opaque, delayMs };
}
