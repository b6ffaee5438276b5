import { shortDigest } from '@sluice/kit/crypto/short-digest';
import { invalidField } from '../../reading.ts';

const DIGEST_LENGTH = 20;

/** An id for a call that has none: the same for the same call at the same place, so that retries and caches hit. */
export function callIdOf(...what: (string | number)[]): string {
  return `call_${shortDigest(JSON.stringify(what), DIGEST_LENGTH)}`;
}

/** Gives calls their ids and finds for each result the call that it answers. */
export interface CallLedger {
  /** The call's own id, or one from its content and from how often the same call was made before. */
  call(call: { id: string | null; name: string; arguments: string }): string;
  /** By id, else the earliest open call of that name, else the earliest open call at all where no name is given. */
  answer(result: { id: string | null; name: string | null }, path: string): { callId: string; name: string | null };
}

interface OpenCall {
  id: string;
  name: string;
}

export function createCallLedger(): CallLedger {
  const open: OpenCall[] = [];
  const names = new Map<string, string>();
  const repetitions = new Map<string, number>();
  let orphans = 0;

  const take = (matches: (call: OpenCall) => boolean): OpenCall | null => {
    const index = open.findIndex(matches);
    return index < 0 ? null : (open.splice(index, 1)[0] as OpenCall);
  };

  return {
    call({ id: given, name, arguments: text }) {
      const key = JSON.stringify([name, text]);
      const repetition = repetitions.get(key) ?? 0;
      const id = given ?? callIdOf(name, text, repetition);
      if (given === null) repetitions.set(key, repetition + 1);
      open.push({ id, name });
      names.set(id, name);
      return id;
    },
    answer({ id, name }, path) {
      const exact = id === null ? null : take((call) => call.id === id);
      if (exact) return { callId: exact.id, name: exact.name };
      // A second result under a known id keeps it, so that it is seen to be one too many.
      if (id !== null && names.has(id)) return { callId: id, name: name ?? names.get(id) ?? null };
      const byName = name === null ? take(() => true) : take((call) => call.name === name);
      if (byName) return { callId: byName.id, name: byName.name };
      if (id === null && name === null) {
        throw invalidField(`${path}.name`, `'${path}.name' is missing and there is no call that it could answer.`);
      }
      orphans += 1;
      return { callId: id ?? callIdOf('orphan', name ?? '', orphans), name };
    },
  };
}
