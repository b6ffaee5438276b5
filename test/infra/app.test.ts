import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { builtConsole } from './support/synthesize.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'sluice-app-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** No account, no profile, no way to a network: what is not on this machine cannot be asked for. */
const OFFLINE = {
  PATH: process.env.PATH,
  HOME: directory,
  AWS_EC2_METADATA_DISABLED: 'true',
  HTTPS_PROXY: 'http://127.0.0.1:1',
  HTTP_PROXY: 'http://127.0.0.1:1',
};

function run(outdir: string, context: object): ReturnType<typeof spawnSync> {
  const env = { ...OFFLINE, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) };
  return spawnSync(process.execPath, ['infra/app.ts'], { env, encoding: 'utf8' });
}

interface AssetManifest {
  files: Record<string, { source: { path: string }; destinations: Record<string, { objectKey: string }> }>;
}

describe('synth of the whole app', () => {
  const outdir = path.join(directory, 'cdk.out');

  test('needs no account and no network, and every asset is in the assembly', () => {
    const result = run(outdir, { adminWebDirectory: builtConsole(path.join(directory, 'dist')), stage: 'trial' });
    expect(result.stderr).not.toMatch(/warning|error/i);
    expect(result.status).toBe(0);
    for (const stack of ['data', 'service']) {
      expect(existsSync(path.join(outdir, `sluice-trial-${stack}.template.json`))).toBe(true);
    }
    const manifest = JSON.parse(
      readFileSync(path.join(outdir, 'sluice-trial-service.assets.json'), 'utf8'),
    ) as AssetManifest;
    for (const { source } of Object.values(manifest.files))
      expect(existsSync(path.join(outdir, source.path))).toBe(true);
  }, 180_000);

  test('each function of ours has an asset that parses and exports what Lambda calls', () => {
    const template = JSON.parse(readFileSync(path.join(outdir, 'sluice-trial-service.template.json'), 'utf8')) as {
      Resources: Record<
        string,
        { Type: string; Metadata?: Record<string, string>; Properties: { Code?: { S3Key: string } } }
      >;
    };
    const manifest = JSON.parse(
      readFileSync(path.join(outdir, 'sluice-trial-service.assets.json'), 'utf8'),
    ) as AssetManifest;
    const functions = Object.values(template.Resources).filter(
      (one) => one.Type === 'AWS::Lambda::Function' && one.Metadata?.['sluice:name'] !== undefined,
    );
    expect(functions).toHaveLength(15);
    for (const one of functions) {
      const asset = Object.values(manifest.files).find((file) =>
        Object.values(file.destinations).some((destination) => destination.objectKey === one.Properties.Code?.S3Key),
      );
      const code = path.join(outdir, asset?.source.path ?? 'missing');
      const modules = readdirSync(code).filter((name) => name.endsWith('.mjs'));
      const isRelay = one.Metadata?.['sluice:name'] === 'relay';
      expect(modules.toSorted()).toEqual(isRelay ? ['index.mjs', 'server.mjs'] : ['index.mjs']);
      for (const name of modules) execFileSync(process.execPath, ['--check', path.join(code, name)]);
      expect(readFileSync(path.join(code, 'index.mjs'), 'utf8')).toMatch(/export \{[^}]*\bhandler\b/);
    }
  });
});

test('a setting that is wrong stops synth and is named', () => {
  const result = run(path.join(directory, 'refused'), { publicApiPrefix: 'v1' });
  expect(result.status).not.toBe(0);
  expect(result.stderr).toContain('publicApiPrefix: must not be one of');
  expect(existsSync(path.join(directory, 'refused', 'manifest.json'))).toBe(false);
}, 180_000);
