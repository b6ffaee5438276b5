import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Writes the function host as one plain JavaScript file, which needs no TypeScript loader in every process. */
export async function bundleFunctionHost(file: string): Promise<void> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL('function-host/main.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  writeFileSync(file, result.outputFiles[0]?.contents ?? '', { mode: 0o600 });
}
