import { describe, expect, test } from '@jest/globals';
import { readOptions } from '../../../infra/local/options.ts';

describe('the command line', () => {
  test('has the documented defaults', () => {
    const options = readOptions([]);
    expect(options).toMatchObject({ port: 8787, reset: false, adapter: 'function-url', relays: 1, clock: undefined });
    expect(options.dataDirectory.endsWith('/.sluice')).toBe(true);
  });

  test('reads every option', () => {
    const args = [
      '--port',
      '0',
      '--data',
      '/d',
      '--reset',
      '--import',
      '/i.json',
      '--adapter',
      'node',
      '--relays',
      '3',
    ];
    expect(readOptions([...args, '--clock', '2031-01-01T00:00:00Z', '--cloud-assembly', '/c'])).toEqual({
      port: 0,
      dataDirectory: '/d',
      reset: true,
      importFile: '/i.json',
      adapter: 'node',
      relays: 3,
      clock: Date.parse('2031-01-01T00:00:00Z'),
      cloudAssembly: '/c',
    });
  });

  test.each([
    [['--adapter', 'web'], '--adapter web'],
    [['--adapter', 'lambda'], '"lambda"'],
    [['--verbose'], '--verbose'],
    [['extra'], 'extra'],
    [['--port', '70000'], '--port'],
    [['--port', 'x'], '"x"'],
    [['--relays', '0'], '--relays'],
    [['--clock', 'tomorrow'], '"tomorrow"'],
  ])('%p is refused by name', (args, name) => {
    expect(() => readOptions(args)).toThrow(name);
  });
});
