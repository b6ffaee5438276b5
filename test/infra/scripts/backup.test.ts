import { execFile } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { create } from 'tar';
import { openDataDirectory } from '../../../infra/local/data-directory.ts';

const run = promisify(execFile);
let place: string;
let folder: string;
let archive: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'sluice-backup-'));
  folder = join(place, 'data');
  archive = join(place, 'kept', 'backup.tar.gz');
  openDataDirectory({ path: folder, reset: false }).release();
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const FILES = {
  'version.json': '{"dataVersion":1}',
  'secrets.json': '{"a":"the secret"}',
  'store/tables/000005.ldb': 'rows',
  's3/bucket/deep/object': 'bytes',
  'logs/relay.log': 'a line',
  'ready.json': '{}',
};

async function script(name: string, ...args: string[]): Promise<{ code: number; text: string }> {
  try {
    const { stdout } = await run(process.execPath, [`infra/scripts/${name}.ts`, ...args]);
    return { code: 0, text: stdout };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, text: stderr };
  }
}

const backup = (...args: string[]) => script('backup', '--data', folder, '--out', archive, ...args);
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('a data folder', () => {
  test('comes back from its archive as it was, for its owner only, without what is of the run', async () => {
    const written = await backup();
    expect(written).toMatchObject({ code: 0, text: expect.stringContaining('holds secrets') });
    expect(modeOf(archive)).toBe(0o600);
    const [digest] = readFileSync(`${archive}.sha256`, 'utf8').split(' ');
    expect(written.text).toContain(`sha256 ${digest}`);

    const target = join(place, 'elsewhere', 'data');
    mkdirSync(join(place, 'elsewhere'));
    expect(await script('restore', archive, '--data', target)).toMatchObject({
      code: 0,
      text: expect.stringContaining('digest is right'),
    });
    for (const [name, text] of Object.entries(FILES)) {
      const isKept = !/^(?:logs|ready)/.test(name);
      expect([name, existsSync(join(target, name))]).toEqual([name, isKept]);
      if (isKept) expect([readFileSync(join(target, name), 'utf8'), modeOf(join(target, name))]).toEqual([text, 0o600]);
    }
    expect([modeOf(target), modeOf(join(target, 'store'))]).toEqual([0o700, 0o700]);
  });

  test('is not archived, and not replaced, while a stack runs on it', async () => {
    await backup();
    const lock = openDataDirectory({ path: folder, reset: false });
    try {
      const refused = { code: 2, text: expect.stringContaining('is running') };
      expect(await backup()).toMatchObject(refused);
      expect(await script('restore', archive, '--data', folder, '--force')).toMatchObject(refused);
    } finally {
      lock.release();
    }
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toContain('the secret');
  });

  test('is replaced only by force, as a whole', async () => {
    await backup();
    writeFileSync(join(folder, 'secrets.json'), '{"a":"another"}');
    writeFileSync(join(folder, 'store', 'later'), 'a later file');
    const refused = await script('restore', archive, '--data', folder);
    expect(refused).toMatchObject({ code: 2, text: expect.stringContaining('--force') });
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toContain('another');
    expect(await script('restore', archive, '--data', folder, '--force')).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toContain('the secret');
    expect(existsSync(join(folder, 'store', 'later'))).toBe(false);
    openDataDirectory({ path: folder, reset: false }).release();
  });

  test('stays as it is when the archive is not what was written', async () => {
    await backup();
    appendFileSync(archive, 'x');
    const refused = { code: 2, text: expect.stringContaining('digest') };
    expect(await script('restore', archive, '--data', folder, '--force')).toMatchObject(refused);
    rmSync(`${archive}.sha256`);
    const bytes = readFileSync(archive);
    writeFileSync(archive, bytes.subarray(0, bytes.length / 2));
    expect(await script('restore', archive, '--data', folder, '--force')).toMatchObject({ code: 2 });
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toContain('the secret');
  });

  test('is not made of an archive of something else', async () => {
    const other = join(place, 'other.tar.gz');
    writeFileSync(join(place, 'passwd'), 'root');
    await create({ cwd: place, gzip: true, file: other }, ['passwd']);
    const target = join(place, 'new');
    expect(await script('restore', other, '--data', target)).toMatchObject({
      code: 2,
      text: expect.stringContaining('passwd'),
    });
    await create({ cwd: folder, gzip: true, file: other }, ['version.json']);
    expect(await script('restore', other, '--data', target)).toMatchObject({ code: 2 });
    expect(existsSync(target)).toBe(false);
  });

  test('must be one to be archived, and its archive must stand beside it', async () => {
    const nothing = await script('backup', '--data', join(place, 'none'), '--out', archive);
    expect(nothing).toMatchObject({ code: 2, text: expect.stringContaining('no data folder') });
    expect(existsSync(join(place, 'none'))).toBe(false);
    const within = await script('backup', '--data', folder, '--out', join(folder, 'a.tar.gz'));
    expect(within).toMatchObject({ code: 2 });
    expect(await script('restore', '--data', folder)).toMatchObject({
      code: 2,
      text: expect.stringContaining('usage'),
    });
    expect(await script('restore', join(place, 'none'), '--data', folder)).toMatchObject({ code: 2 });
  });
});
