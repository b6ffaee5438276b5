import type { CloudAssembly } from './cloud-assembly.ts';
import type { createCodeStore } from './function-code.ts';
import type { FunctionSpec } from './function-group.ts';
import { listAt, numberAt, objectAt, textAt, type JsonObject } from './json.ts';
import { StartError } from './start-error.ts';
import type { Resource, Template } from './template.ts';

export interface ReadFunctionsOptions {
  readonly template: Template;
  readonly assembly: CloudAssembly;
  readonly code: ReturnType<typeof createCodeStore>;
}

const NAME_METADATA = 'sluice:name';
const RUNTIME = 'nodejs24.x';
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_MEMORY_MEGABYTES = 128;

/** The functions of the template, their code laid out and ready to be started. @throws StartError */
export function readFunctions(options: ReadFunctionsOptions): FunctionSpec[] {
  const { resources } = options.template;
  const serviceTokens = new Set(
    resources
      .filter(({ type }) => type.startsWith('Custom::'))
      .map((resource) => resource.properties()['ServiceToken']),
  );
  return resources
    .filter(({ type }) => type === 'AWS::Lambda::Function')
    .filter((resource) => isOurs(resource, options.template, serviceTokens))
    .map((resource) => readFunction(resource, options));
}

/** Functions of the CDK that only serve a deployment are known by that; any other must say which one it is. */
function isOurs(resource: Resource, template: Template, serviceTokens: ReadonlySet<unknown>): boolean {
  if (textAt(resource.metadata[NAME_METADATA]) !== undefined) return true;
  if (serviceTokens.has(template.names.attribute(resource.stackName, resource.logicalId, 'Arn'))) return false;
  if (resource.logicalId.startsWith('Custom')) return false;
  throw new StartError(
    `${resource.stackName}/${resource.logicalId} is a function without the metadata "${NAME_METADATA}".`,
  );
}

function readFunction(resource: Resource, options: ReadFunctionsOptions): FunctionSpec {
  const { template } = options;
  const properties = resource.properties();
  const name = textAt(resource.metadata[NAME_METADATA]) ?? '';
  if (properties['Runtime'] !== RUNTIME) {
    throw new StartError(
      `The function ${name} wants the runtime ${String(properties['Runtime'])}; here is ${RUNTIME} only.`,
    );
  }
  const functionArn = template.names.attribute(resource.stackName, resource.logicalId, 'Arn') ?? '';
  return {
    name,
    functionName: resource.physicalId(),
    functionArn,
    handler: textAt(properties['Handler']) ?? 'index.handler',
    memoryMegabytes: numberAt(properties['MemorySize']) ?? DEFAULT_MEMORY_MEGABYTES,
    timeoutMs: (numberAt(properties['Timeout']) ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
    variables: readVariables(properties),
    codeDirectory: options.code.install({
      name,
      codePath: assetOf(options.assembly, objectAt(properties['Code']), `function ${name}`),
      layerPaths: listAt(properties['Layers']).map((arn) => layerPath(String(arn), options)),
    }),
    domainName: urlDomain(template, functionArn),
  };
}

function readVariables(properties: JsonObject): Record<string, string> {
  const variables = objectAt(objectAt(properties['Environment'])['Variables']);
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
}

function layerPath(arn: string, { template, assembly }: ReadFunctionsOptions): string {
  const layer = template.resources.find(
    (resource) => resource.type === 'AWS::Lambda::LayerVersion' && resource.physicalId() === arn,
  );
  if (layer === undefined) throw new StartError(`The template has no layer ${arn}.`);
  return assetOf(assembly, objectAt(layer.properties()['Content']), `layer ${layer.logicalId}`);
}

function assetOf(assembly: CloudAssembly, code: JsonObject, what: string): string {
  const key = textAt(code['S3Key']);
  const path = key === undefined ? undefined : assembly.assetPath(key);
  if (path === undefined) throw new StartError(`The ${what} has no asset in the cloud assembly.`);
  return path;
}

function urlDomain(template: Template, functionArn: string): string | undefined {
  for (const resource of template.resources) {
    if (resource.type !== 'AWS::Lambda::Url') continue;
    const properties = resource.properties();
    if (properties['TargetFunctionArn'] !== functionArn) continue;
    if (properties['InvokeMode'] !== 'RESPONSE_STREAM') {
      throw new StartError(`${resource.logicalId}: only function URLs with RESPONSE_STREAM run locally.`);
    }
    return new URL(template.names.attribute(resource.stackName, resource.logicalId, 'FunctionUrl') ?? '').hostname;
  }
  return undefined;
}
