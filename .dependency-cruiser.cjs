/** The one-way rules of the house (docs/architecture.md): shelved by what the code knows. */
const only = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    only('no-cycles', {}, { circular: true }, 'cycles hide who knows whom'),
    only(
      'kit-knows-nothing',
      { path: '^layers/kit/' },
      { path: '^(layers/(?!kit/)|functions|infra|admin-web|test)|@aws-sdk' },
      'kit must be movable to another repository',
    ),
    only(
      'contract-knows-zod',
      { path: '^layers/contract/' },
      { pathNot: '^layers/contract/|node_modules/zod' },
      'the contract is bundled into a browser',
    ),
    only(
      'llm-knows-kit',
      { path: '^layers/llm/' },
      { path: '^(layers/(core|aws|contract)/|functions|infra|admin-web|test)|@aws-sdk' },
      'the languages of models are pure',
    ),
    only(
      'core-knows-no-cloud',
      { path: '^layers/core/' },
      { path: '^(layers/aws/|functions|infra|admin-web|test)|@aws-sdk' },
      'rules survive a change of cloud',
    ),
    only(
      'core-modules-stand-alone',
      { path: '^layers/core/(catalog|identity|credentials|metering|media)/' },
      { path: '^layers/core/(?!$1/)', pathNot: '^layers/core/[^/]+/store\\.ts$' },
      'modules meet in relay or in a function; they share only the types of their stores',
    ),
    only(
      'aws-implements-stores',
      { path: '^layers/aws/' },
      { path: '^(functions|infra|admin-web|test|layers/(llm|contract)/)' },
      'it decides nothing',
    ),
    only(
      'functions-wire',
      { path: '^functions/([^/]+)/' },
      { path: '^(functions/(?!$1/)|infra|admin-web|test)|@aws-sdk' },
      'wiring only; SDK clients live in layers/aws',
    ),
    only(
      'infra-knows-names',
      { path: '^infra/(?!local/|scripts/)' },
      { path: '^(layers/(?!aws/names\\.ts$)|functions|admin-web|test)' },
      'synth must not run product code',
    ),
    only(
      'local-knows-the-assembly',
      { path: '^infra/local/' },
      { path: '^(layers|functions|admin-web|test|infra/(?!local/))' },
      'if it needs our code it is not running the stack',
    ),
    only(
      'console-knows-the-contract',
      { path: '^admin-web/' },
      { path: '^(layers/(?!contract/)|functions|infra|test)' },
      'one contract',
    ),
    only(
      'features-are-deletable',
      { path: '^admin-web/src/features/([^/]+)/' },
      { path: '^admin-web/src/(app|features/(?!$1/))' },
      'delete a feature by deleting its folder',
    ),
    only('nothing-imports-tests', { pathNot: '^test/' }, { path: '^test/' }, 'tests are leaves'),
    only('no-unresolved', {}, { couldNotResolve: true }, 'an import that resolves to nothing'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|cdk\\.out|\\.sluice)/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
