import { describe, expect, it } from '@jest/globals';
import {
  boolean,
  bytes,
  list,
  looseObject,
  nullable,
  number,
  object,
  oneOf,
  optional,
  parsed,
  partialRecord,
  record,
  text,
  tuple,
} from '../../../layers/aws/tables/shape.ts';

const HOUSE = object({
  name: text,
  rooms: list(object({ size: number, heated: boolean })),
  kind: oneOf(['flat', 'hut']),
  owner: nullable(text),
  note: optional(text),
  doors: optional(tuple([text, nullable(number)])),
});
const hut = { name: 'a', rooms: [{ size: 1, heated: false }], kind: 'hut', owner: null };

describe('a shape', () => {
  it('lets through what fits and leaves out what it does not name', () => {
    expect(parsed(HOUSE, 'house', { ...hut, further: 1 })).toEqual(hut);
    expect(parsed(HOUSE, 'house', { ...hut, owner: 'b', note: 'n', doors: ['c', null] })).toEqual({
      ...hut,
      owner: 'b',
      note: 'n',
      doors: ['c', null],
    });
    expect(Object.keys(parsed(HOUSE, 'house', { ...hut, note: undefined }))).not.toContain('note');
    expect(parsed(looseObject({ name: text }), 'x', { name: 'a', further: 1 })).toEqual({ name: 'a', further: 1 });
  });

  it('names every path that does not fit, and no value', () => {
    const faulty = { rooms: [{ size: 'secret' }], kind: 'tent', owner: 3, doors: ['a'] };
    expect(() => parsed(HOUSE, 'house', faulty)).toThrow(
      'A stored house does not fit its schema at name, rooms.0.size, rooms.0.heated, kind, owner, doors.',
    );
    expect(() => parsed(HOUSE, 'house', null)).toThrow('at .');
    expect(() => parsed(HOUSE, 'house', { ...hut, rooms: {} })).toThrow('at rooms.');
    expect(() => parsed(number, 'x', Number.NaN)).toThrow(TypeError);
    expect(() => parsed(bytes, 'x', 'text')).toThrow(TypeError);
  });

  it('of a record takes any names, or some of those that are known', () => {
    expect(parsed(record(number), 'x', { a: 1, constructor: 2 })).toEqual({ a: 1, constructor: 2 });
    expect(() => parsed(record(number), 'x', { a: 'b' })).toThrow('at a.');
    expect(() => parsed(record(number), 'x', [1])).toThrow(TypeError);
    expect(parsed(partialRecord(['a', 'b'], number), 'x', { b: 1 })).toEqual({ b: 1 });
    expect(() => parsed(partialRecord(['a', 'b'], number), 'x', { c: 1 })).toThrow('at c.');
  });

  it('takes an inherited member for one that is not there', () => {
    expect(() => parsed(object({ constructor: text }), 'x', {})).toThrow('at constructor.');
  });
});
