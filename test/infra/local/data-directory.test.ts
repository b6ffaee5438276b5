import { afterEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataDirectory, type DataDirectory } from '../../../infra/local/data-directory.ts';
import { planDataStep, recordDataVersion } from '../../../infra/local/data-version.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-data-'));
let count = 0;
let opened: DataDirectory[] = [];

function open(path: string, reset = false): DataDirectory {
  const directory = openDataDirectory({ path, reset });
  opened.push(directory);
  return directory;
}
const fresh = (): string => join(root, String((count += 1)));

afterEach(() => {
  opened.forEach((directory) => directory.release());
  opened = [];
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
});

describe('the data directory', () => {
  test('is for its owner alone, and so are its files', () => {
    const directory = open(fresh());
    directory.write('state.json', { a: 1 });
    expect(statSync(directory.path).mode & 0o777).toBe(0o700);
    expect(statSync(directory.file('state.json')).mode & 0o777).toBe(0o600);
    expect(statSync(directory.file('logs')).mode & 0o777).toBe(0o700);
    expect(directory.read('state.json')).toEqual({ a: 1 });
    expect(directory.read('ready.json')).toBeUndefined();
  });

  test('is had by one runner at a time', () => {
    const directory = open(fresh());
    expect(() => openDataDirectory({ path: directory.path, reset: true })).toThrow('Another `npm start` is running');
    directory.release();
    opened = [];
    open(directory.path);
  });

  test('keeps its data, until it is reset', () => {
    const path = fresh();
    const first = open(path);
    first.write('state.json', { a: 1 });
    first.release();
    const second = open(path);
    expect(second.read('state.json')).toEqual({ a: 1 });
    second.release();
    const third = open(path, true);
    expect(third.read('state.json')).toBeUndefined();
    opened = [third];
  });

  test('is never somebody else’s: nothing there is touched', () => {
    const path = fresh();
    mkdirSync(path);
    writeFileSync(join(path, 'thesis.txt'), '');
    expect(() => openDataDirectory({ path, reset: true })).toThrow('holds other files (thesis.txt)');
    expect(existsSync(join(path, 'thesis.txt'))).toBe(true);
  });

  test('with broken files says what to do', () => {
    const directory = open(fresh());
    writeFileSync(directory.file('state.json'), '{');
    expect(() => directory.read('state.json')).toThrow('--reset');
  });
});

describe('the version of the data', () => {
  test('asks for a migration when older, for nothing when equal or new', () => {
    const directory = open(fresh());
    expect(planDataStep(directory, 3)).toEqual({ kind: 'none' });
    recordDataVersion(directory, 2);
    expect(planDataStep(directory, 3)).toEqual({ kind: 'migrate', from: 2, to: 3 });
    expect(planDataStep(directory, 2)).toEqual({ kind: 'none' });
  });

  test('stops older code from touching newer data', () => {
    const directory = open(fresh());
    recordDataVersion(directory, 4);
    expect(() => planDataStep(directory, 3)).toThrow('data of version 4; this code knows versions up to 3');
  });
});
