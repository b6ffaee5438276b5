import { describe, expect, it } from '@jest/globals';
import { createLanes, type Lanes } from '../../../layers/core/metering/lanes.ts';

interface Write {
  accountId: string;
  name: string;
}

interface Sent {
  names: string[];
  answer(outcome: string | null): void;
  fail(error: Error): void;
}

interface Rig {
  lanes: Lanes<Write, string>;
  sent: Sent[];
  /** Lets the patience of whoever waits end. */
  patienceEnds(): void;
}

function rig(most = 10): Rig {
  const sent: Sent[] = [];
  let ring: (() => void) | null = null;
  const send = <Outcome extends string | null>(names: string[]): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      sent.push({ names, answer: (outcome) => resolve(outcome as Outcome), fail: reject });
    });
  const lanes = createLanes<Write, string, string[]>({
    scheduler: {
      after(_delayMs, callback) {
        ring = callback;
        return () => {
          ring = null;
        };
      },
    },
    join: (writes) => ({ joint: writes.slice(0, most).map(({ name }) => name), count: Math.min(most, writes.length) }),
    sendAlone: ({ name }) => send([name]),
    sendTogether: (names) => send<string | null>(names),
  });
  const patienceEnds = (): void => {
    const due = ring;
    ring = null;
    due?.();
  };
  return { lanes, sent, patienceEnds };
}

const write = (name: string, accountId = 'a'): Write => ({ accountId, name });
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const namesOf = ({ sent }: Rig): string[][] => sent.map(({ names }) => names);

describe('writes of one account', () => {
  it('go out at once where none is under way', async () => {
    const { lanes, sent } = rig();
    const one = lanes.send(write('one'));
    expect(sent).toHaveLength(1);
    sent[0]!.answer('let in');
    expect(await one).toBe('let in');
    await settle();
    void lanes.send(write('two'));
    expect(sent[1]!.names).toEqual(['two']);
  });

  it('go together when they came while one was under way; other accounts do not wait', async () => {
    const stage = rig();
    const { lanes, sent } = stage;
    const all = ['one', 'two', 'three'].map((name) => lanes.send(write(name)));
    void lanes.send(write('elsewhere', 'b'));
    expect(namesOf(stage)).toEqual([['one'], ['elsewhere']]);
    sent[0]!.answer('first');
    await settle();
    expect(sent[2]!.names).toEqual(['two', 'three']);
    sent[2]!.answer('together');
    expect(await Promise.all(all)).toEqual(['first', 'together', 'together']);
  });

  it('go alone after a refusal of all, and each is told its own outcome', async () => {
    const stage = rig();
    const { lanes, sent } = stage;
    const all = ['one', 'two', 'three'].map((name) => lanes.send(write(name)));
    sent[0]!.answer('first');
    await settle();
    sent[1]!.answer(null);
    await settle();
    expect(namesOf(stage)).toEqual([['one'], ['two', 'three'], ['two'], ['three']]);
    sent[2]!.answer('let in');
    sent[3]!.fail(new Error('lost'));
    expect(await all[1]).toBe('let in');
    await expect(all[2]).rejects.toThrow('lost');
  });

  it('are lost to every member when their one answer is, and are not sent again', async () => {
    const stage = rig();
    const { lanes, sent } = stage;
    const all = ['one', 'two', 'three'].map((name) => lanes.send(write(name)));
    const ends = Promise.allSettled(all);
    sent[0]!.fail(new Error('reset'));
    await settle();
    sent[1]!.fail(new Error('timed out'));
    expect((await ends).map((end) => end.status === 'rejected' && String(end.reason))).toEqual([
      'Error: reset',
      'Error: timed out',
      'Error: timed out',
    ]);
    await settle();
    expect(sent).toHaveLength(2);
    void lanes.send(write('later'));
    expect(sent).toHaveLength(3);
  });

  it('go out beside one whose answer does not come', async () => {
    const stage = rig();
    const { lanes, sent } = stage;
    void lanes.send(write('stuck'));
    const two = lanes.send(write('two'));
    stage.patienceEnds();
    expect(namesOf(stage)).toEqual([['stuck'], ['two']]);
    void lanes.send(write('three'));
    sent[1]!.answer('let in');
    expect(await two).toBe('let in');
    await settle();
    // Somebody was answered, so nobody waits for the stuck one any longer.
    expect(namesOf(stage)).toEqual([['stuck'], ['two'], ['three']]);
  });

  it('that do not fit into one write follow in the next', async () => {
    const stage = rig(2);
    const { lanes, sent } = stage;
    for (const name of ['one', 'two', 'three', 'four']) void lanes.send(write(name));
    sent[0]!.answer('x');
    await settle();
    sent[1]!.answer('x');
    await settle();
    expect(namesOf(stage)).toEqual([['one'], ['two', 'three'], ['four']]);
  });
});
