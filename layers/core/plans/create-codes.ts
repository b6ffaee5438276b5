import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createCodeText } from './code-text.ts';
import { MOST_CODES_AT_ONCE, type RedemptionCode, type RedemptionCodeStore } from './store.ts';

/** Everything of the codes but what tells one from another. */
export type CodeTerms = Omit<RedemptionCode, 'code' | 'redemption'>;

const MOST_TRIES = 3;

/**
 * Makes codes of these terms. More than a transaction takes are made one transaction after the other.
 * @throws GatewayError `store_unavailable`, whose message says how many there are all the same
 */
export async function createCodes(
  store: Pick<RedemptionCodeStore, 'create' | 'find'>,
  { terms, prefix, count }: { terms: CodeTerms; prefix: string; count: number },
): Promise<RedemptionCode[]> {
  const codes: RedemptionCode[] = [];
  while (codes.length < count) {
    const size = Math.min(MOST_CODES_AT_ONCE, count - codes.length);
    try {
      codes.push(...(await createSome(store, { terms, prefix, size })));
    } catch (cause) {
      if (codes.length === 0) throw cause;
      throw new GatewayError('store_unavailable', {
        message: `Only ${codes.length} of ${count} codes could be made; they are in the list. Please make the others.`,
        cause,
      });
    }
  }
  return codes;
}

async function createSome(
  store: Pick<RedemptionCodeStore, 'create' | 'find'>,
  { terms, prefix, size }: { terms: CodeTerms; prefix: string; size: number },
): Promise<RedemptionCode[]> {
  for (let attempt = 1; ; attempt += 1) {
    const codes = Array.from({ length: size }, () => ({ ...terms, code: createCodeText(prefix), redemption: null }));
    const outcome = await store.create(codes).catch(async (cause: unknown) => {
      // All or none of them are there; the answer alone was lost.
      const first = await store.find(codes[0]?.code ?? '');
      if (first === null) throw cause;
      return 'created' as const;
    });
    if (outcome === 'created') return codes;
    if (attempt >= MOST_TRIES) throw new Error('New codes kept meeting others of the same text.');
  }
}
