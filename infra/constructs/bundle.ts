import path from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { buildSync, type BuildOptions } from 'esbuild';
import { REPOSITORY_ROOT } from '../config.ts';

/** Some npm packages are CommonJS and call `require` for Node's own modules; ES modules have none. */
const REQUIRE_FOR_COMMONJS =
  "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);";

/**
 * Everything that decides the output's bytes: paths in comments are relative to the repository, so that two machines
 * make the same asset. Not minified and without source maps: load time is the same, and traces stay readable
 * without the 100 ms that the first trace costs with maps.
 */
const HOUSE_OPTIONS = {
  absWorkingDir: REPOSITORY_ROOT,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  banner: { js: REQUIRE_FOR_COMMONJS },
  legalComments: 'none',
  sourcemap: false,
  logLevel: 'error',
} as const satisfies BuildOptions;

export interface CodeProps {
  /** Existing directory that the code comes from, relative to the repository. */
  readonly directory: string;
  /** Tells apart two builds of one directory. */
  readonly name: string;
  readonly build: (outputDirectory: string) => void;
}

/** Code built at synth by this process, not in a container; its hash is that of what was built. */
export function builtCode(props: CodeProps): lambda.Code {
  return lambda.Code.fromAsset(path.join(REPOSITORY_ROOT, props.directory), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: the local build below always succeeds or throws. `command` keys the CDK's asset cache.
      image: DockerImage.fromRegistry('scratch'),
      command: [props.name],
      local: {
        tryBundle: (outputDirectory) => {
          props.build(outputDirectory);
          return true;
        },
      },
    },
  });
}

export interface FunctionCodeProps {
  /** Name of each module in the asset, without `.mjs`, and its source, relative to the repository. */
  readonly modules: Readonly<Record<string, string>>;
  /** True when `@sluice/*` comes from the shared layer. */
  readonly usesLayer: boolean;
}

/** One `.mjs` per entry, everything else inside it. */
export function functionCode(props: FunctionCodeProps): lambda.Code {
  const sources = Object.values(props.modules);
  return builtCode({
    directory: 'functions',
    name: sources.join(','),
    build: (outputDirectory) =>
      void buildSync({
        ...HOUSE_OPTIONS,
        entryPoints: { ...props.modules },
        outdir: outputDirectory,
        outExtension: { '.js': '.mjs' },
        external: props.usesLayer ? ['@sluice/*'] : [],
      }),
  });
}

/** All modules in one build that share what they have in common, so that nothing is loaded twice. */
export function buildShared(entryPoints: readonly string[], outbase: string, outputDirectory: string): void {
  buildSync({
    ...HOUSE_OPTIONS,
    entryPoints: [...entryPoints],
    outbase,
    outdir: outputDirectory,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  });
}
