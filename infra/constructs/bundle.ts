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
  alias: { undici: path.join(REPOSITORY_ROOT, 'infra/constructs/undici-parts.mjs') },
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

/**
 * One `.mjs` per entry and, under `chunks/`, what entries share or load only when they need it (the tokenizer alone is
 * 3 MB, which no cold start should read).
 */
export function functionCode(props: FunctionCodeProps): lambda.Code {
  return builtCode({
    directory: 'functions',
    name: Object.values(props.modules).join(','),
    build: (outputDirectory) =>
      buildInto(outputDirectory, {
        entryPoints: { ...props.modules },
        outExtension: { '.js': '.mjs' },
        external: props.usesLayer ? ['@sluice/*'] : [],
      }),
  });
}

/** One build, so that modules share what they have in common and nothing is loaded twice. */
export function buildInto(outputDirectory: string, options: BuildOptions): void {
  buildSync({
    ...HOUSE_OPTIONS,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    outdir: outputDirectory,
    ...options,
  });
}
