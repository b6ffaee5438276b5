import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { functionCode } from '../../infra/constructs/bundle.ts';
import { SharedLayer } from '../../infra/constructs/shared-layer.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'sluice-bundle-'));
const source = path.join(directory, 'source/index.ts');

/** Builds what a deployment would upload; answers where each asset is, by the first name in it. */
function build(outdir: string): { layer: string; thin: string; whole: string } {
  const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'Stack');
  const layer = new SharedLayer(stack, 'Layer');
  const shared = { runtime: lambda.Runtime.NODEJS_24_X, handler: 'index.handler' };
  new lambda.Function(stack, 'Thin', {
    ...shared,
    layers: [layer],
    code: functionCode({ modules: { index: source }, usesLayer: true }),
  });
  new lambda.Function(stack, 'Whole', {
    ...shared,
    code: functionCode({
      modules: { index: 'layers/kit/ids/api-key.ts', server: 'layers/kit/time/clock.ts' },
      usesLayer: false,
    }),
  });
  app.synth();
  const assets = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
  const find = (file: string, without?: string): string => {
    const found = assets.find((name) => {
      const has = (one: string): boolean => existsSync(path.join(outdir, name, one));
      return has(file) && (without === undefined || !has(without));
    });
    if (found === undefined) throw new Error(`no asset holds ${file}`);
    return path.join(outdir, found);
  };
  return { layer: find('nodejs'), thin: find('index.mjs', 'server.mjs'), whole: find('server.mjs') };
}

let assets: ReturnType<typeof build>;

beforeAll(() => {
  mkdirSync(path.dirname(source));
  writeFileSync(
    source,
    [
      "import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';",
      "import { createRequestId, timeOfRequestId } from '@sluice/kit/ids/request-id';",
      "import { createSdkTableClient } from '@sluice/aws/sdk-table-client';",
      'export const handler = async () => ({',
      '  time: timeOfRequestId(createRequestId(1_790_000_000_000)),',
      "  known: isGatewayError(new GatewayError('not_found', { message: 'x' })),",
      '  sdk: typeof createSdkTableClient,',
      '});',
    ].join('\n'),
  );
  assets = build(path.join(directory, 'first'));
}, 180_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the shared layer', () => {
  test('holds every module of every package under the path that it is imported by', () => {
    const packages = path.join(assets.layer, 'nodejs/node_modules/@sluice');
    for (const name of ['kit', 'contract', 'llm', 'core', 'aws']) {
      const modules = readdirSync(`layers/${name}`, { recursive: true, encoding: 'utf8' }).filter((file) =>
        file.endsWith('.ts'),
      );
      for (const file of modules)
        expect(existsSync(path.join(packages, name, file.replace(/\.ts$/, '.js')))).toBe(true);
      const manifest = JSON.parse(readFileSync(path.join(packages, name, 'package.json'), 'utf8'));
      expect(manifest).toMatchObject({ type: 'module', exports: { './*': './*.js' } });
    }
  });

  test('serves a function whose own code holds none of it, npm packages included', () => {
    // As on Lambda: the function's code, and the packages where resolution from it finds them.
    const root = path.join(directory, 'machine');
    cpSync(assets.thin, path.join(root, 'task'), { recursive: true });
    cpSync(path.join(assets.layer, 'nodejs/node_modules'), path.join(root, 'node_modules'), { recursive: true });
    const script = `import('${path.join(root, 'task/index.mjs')}').then((m) => m.handler()).then((r) => console.log(JSON.stringify(r)))`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual({ time: 1_790_000_000_000, known: true, sdk: 'function' });
    const code = readFileSync(path.join(assets.thin, 'index.mjs'), 'utf8');
    expect(code).toContain('@sluice/kit/errors/gateway-error');
    expect(code.length).toBeLessThan(2_000);
  });
});

describe('every asset', () => {
  test('a function bundled whole needs nothing beside it', () => {
    expect(readdirSync(assets.whole).toSorted()).toEqual(['index.mjs', 'server.mjs']);
    expect(readFileSync(path.join(assets.whole, 'index.mjs'), 'utf8')).not.toMatch(/from "(?!node:|\.\/)/);
  });

  test('holds no source map and no path of the machine that built it', () => {
    const files = Object.values(assets).flatMap((asset) =>
      readdirSync(asset, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.m?js$/.test(file))
        .map((file) => readFileSync(path.join(asset, file), 'utf8')),
    );
    expect(files.length).toBeGreaterThan(10);
    for (const text of files) {
      expect(text.includes('sourceMappingURL=data')).toBe(false);
      expect(text.includes(process.cwd())).toBe(false);
    }
  });

  test('has the same name when built again: nothing is uploaded that did not change', () => {
    const again = build(path.join(directory, 'second'));
    expect(Object.values(again).map((one) => path.basename(one))).toEqual(
      Object.values(assets).map((one) => path.basename(one)),
    );
  }, 180_000);
});
