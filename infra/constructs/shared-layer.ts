import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { REPOSITORY_ROOT } from '../config.ts';
import { buildInto, builtCode } from './bundle.ts';

const PACKAGES = ['kit', 'contract', 'llm', 'core', 'aws'] as const;

/** Where the runtime looks for a layer's packages, below /opt. */
const PACKAGES_DIRECTORY = 'nodejs/node_modules/@sluice';

/**
 * `layers/` as ONE version for admin, vault and the schedules: `@sluice/<package>/<path>` is
 * `nodejs/node_modules/@sluice/<package>/<path>.js`, npm packages are inside shared chunks.
 */
export class SharedLayer extends lambda.LayerVersion {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      description: 'Sluice shared code',
      code: builtCode({ directory: 'layers', name: 'shared-layer', build: buildLayer }),
      compatibleRuntimes: [lambda.Runtime.NODEJS_24_X],
      compatibleArchitectures: [lambda.Architecture.ARM_64],
    });
  }
}

function buildLayer(outputDirectory: string): void {
  const target = path.join(outputDirectory, PACKAGES_DIRECTORY);
  buildInto(target, { entryPoints: PACKAGES.flatMap(listModules), outbase: 'layers' });
  for (const name of PACKAGES) {
    mkdirSync(path.join(target, name), { recursive: true });
    const manifest = { name: `@sluice/${name}`, type: 'module', exports: { './*': './*.js' } };
    writeFileSync(path.join(target, name, 'package.json'), `${JSON.stringify(manifest)}\n`);
  }
  // Chunks lie beside the packages and are ES modules, too.
  writeFileSync(path.join(target, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`);
}

function listModules(name: (typeof PACKAGES)[number]): string[] {
  return readdirSync(path.join(REPOSITORY_ROOT, 'layers', name), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.split(path.sep).includes('node_modules'))
    .map((file) => `layers/${name}/${file.split(path.sep).join('/')}`)
    .toSorted();
}
