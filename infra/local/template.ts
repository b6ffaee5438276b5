import type { CloudAssembly, Stack } from './cloud-assembly.ts';
import { createResolver, referencesIn, unknownIntrinsics, type Resolver, type ResolverScope } from './intrinsics.ts';
import { listAt, objectAt, textAt, type Json, type JsonObject } from './json.ts';
import { createPhysicalNames, type PhysicalNames } from './physical-names.ts';
import { isStartedType, isSupportedType, type StartedType } from './resource-types.ts';
import { StartError } from './start-error.ts';

export interface Resource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: StartedType;
  readonly metadata: JsonObject;
  /** Properties with every intrinsic replaced; evaluated at each read, since secrets appear during the start. */
  properties(): JsonObject;
  /** What `Ref` of this resource yields. */
  physicalId(): string;
}

export interface Template {
  /** Resources that the local stack starts, each after those it depends on. */
  readonly resources: readonly Resource[];
  readonly names: PhysicalNames;
  /** Version of the data's layout that this template's functions read and write. */
  readonly dataVersion: number | undefined;
}

export interface TemplateOptions {
  readonly assembly: CloudAssembly;
  readonly region: string;
  readonly accountId: string;
  secretString(nameOrArn: string): string | undefined;
}

interface Node {
  readonly stack: Stack;
  readonly logicalId: string;
  readonly body: JsonObject;
}

/** Reads all stacks of an assembly as one graph. @throws StartError naming an unsupported type or function. */
export function readTemplate(options: TemplateOptions): Template {
  const names = createPhysicalNames(options);
  const resolvers = createResolvers(options, names);
  const nodes = options.assembly.stacks.flatMap((stack) => nodesOf(stack, resolvers.get(stack.name)));
  for (const { stack, logicalId, body } of nodes) names.declare(stack.name, logicalId, String(body['Type']));
  refuseUnsupported(nodes);
  return {
    resources: inDependencyOrder(nodes).flatMap((node) => toResource(node, names, resolvers.get(node.stack.name))),
    names,
    dataVersion: findDataVersion(options.assembly.stacks),
  };
}

function createResolvers(options: TemplateOptions, names: PhysicalNames): Map<string, Resolver> {
  const resolvers = new Map<string, Resolver>();
  const outputOf = (stack: Stack, output: Json | undefined): Json | undefined => {
    const value = objectAt(output)['Value'];
    return value === undefined ? undefined : resolvers.get(stack.name)?.resolve(value);
  };
  for (const stack of options.assembly.stacks) {
    const scope: ResolverScope = {
      stackName: stack.name,
      template: stack.template,
      region: options.region,
      accountId: options.accountId,
      attribute: (logicalId, attribute) => names.attribute(stack.name, logicalId, attribute),
      secretString: options.secretString,
      stackOutput: (stackName, outputName) => {
        const other = options.assembly.stacks.find(({ name }) => name === stackName);
        return other && outputOf(other, objectAt(other.template['Outputs'])[outputName]);
      },
      exportValue: (exportName) => {
        for (const other of options.assembly.stacks) {
          for (const output of Object.values(objectAt(other.template['Outputs']))) {
            const name = objectAt(objectAt(output)['Export'])['Name'];
            if (name !== undefined && resolvers.get(other.name)?.resolve(name) === exportName)
              return outputOf(other, output);
          }
        }
        return undefined;
      },
    };
    resolvers.set(stack.name, createResolver(scope));
  }
  return resolvers;
}

/** The stack's resources, without those whose condition does not hold. */
function nodesOf(stack: Stack, resolver: Resolver | undefined): Node[] {
  return Object.entries(objectAt(stack.template['Resources']))
    .map(([logicalId, body]) => ({ stack, logicalId, body: objectAt(body) }))
    .filter(({ body }) => resolver?.condition(textAt(body['Condition'])));
}

function refuseUnsupported(nodes: readonly Node[]): void {
  const types = nodes.filter(({ body }) => !isSupportedType(String(body['Type'])));
  if (types.length > 0) {
    const list = types.map(({ stack, logicalId, body }) => `  ${String(body['Type'])} (${stack.name}/${logicalId})`);
    throw new StartError(`The template has resource types that the local stack does not know:\n${list.join('\n')}`);
  }
  for (const { stack, logicalId, body } of nodes) {
    const [unknown] = unknownIntrinsics(body['Properties'] ?? {});
    if (unknown !== undefined) {
      throw new StartError(`${stack.name}/${logicalId} uses ${unknown}, which the local stack does not know.`);
    }
  }
}

/** Depth first over references and DependsOn inside a stack; stacks come in the order of the assembly. */
function inDependencyOrder(nodes: readonly Node[]): Node[] {
  const byKey = new Map(nodes.map((node) => [keyOf(node.stack, node.logicalId), node]));
  const ordered = new Set<Node>();
  const visit = (node: Node, path: readonly Node[]): void => {
    if (ordered.has(node)) return;
    if (path.includes(node)) {
      const circle = [...path.slice(path.indexOf(node)), node].map(({ logicalId }) => logicalId);
      throw new StartError(`${node.stack.name}: resources depend on each other in a circle: ${circle.join(' → ')}.`);
    }
    const explicit =
      typeof node.body['DependsOn'] === 'string' ? [node.body['DependsOn']] : listAt(node.body['DependsOn']);
    for (const id of [...explicit.map(String), ...referencesIn(node.body['Properties'] ?? {})]) {
      const dependency = byKey.get(keyOf(node.stack, id));
      if (dependency !== undefined) visit(dependency, [...path, node]);
    }
    ordered.add(node);
  };
  for (const node of nodes) visit(node, []);
  return [...ordered];
}

function toResource(node: Node, names: PhysicalNames, resolver: Resolver | undefined): Resource[] {
  const { stack, logicalId, body } = node;
  const type = String(body['Type']);
  if (!isStartedType(type) || resolver === undefined) return [];
  return [
    {
      stackName: stack.name,
      logicalId,
      type,
      metadata: objectAt(body['Metadata']),
      properties: () => objectAt(resolver.resolve(body['Properties'] ?? {})),
      physicalId: () => names.attribute(stack.name, logicalId, undefined) ?? logicalId,
    },
  ];
}

function findDataVersion(stacks: readonly Stack[]): number | undefined {
  for (const { template } of stacks) {
    const version = objectAt(template['Metadata'])['sluice:dataVersion'];
    if (version !== undefined && Number.isInteger(Number(version))) return Number(version);
  }
  return undefined;
}

function keyOf(stack: Stack, logicalId: string): string {
  return `${stack.name}/${logicalId}`;
}
