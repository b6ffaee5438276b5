import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, listAt, objectAt, textAt, type Json, type JsonObject } from './json.ts';
import { errorCode, StartError } from './start-error.ts';

export interface Stack {
  readonly name: string;
  readonly template: JsonObject;
}

/** What `cdk synth` wrote: the stacks, dependencies first, and the files that the deployment would upload. */
export interface CloudAssembly {
  readonly stacks: readonly Stack[];
  /** The local file or directory of the asset that a deployment would upload under this object key. */
  assetPath(objectKey: string): string | undefined;
}

/** Reads a cloud assembly directory (https://docs.aws.amazon.com/cdk/api/cloud-assembly-schema/). @throws StartError */
export function readCloudAssembly(directory: string): CloudAssembly {
  const artifacts = objectAt(readJson(join(directory, 'manifest.json'), directory)['artifacts']);
  const assets = new Map<string, string>();
  for (const artifact of Object.values(artifacts)) {
    if (objectAt(artifact)['type'] === 'cdk:asset-manifest') addAssets(assets, directory, objectAt(artifact));
  }
  return {
    stacks: stackIds(artifacts).map((id) => readStack(directory, id, objectAt(artifacts[id]))),
    assetPath: (objectKey) => assets.get(objectKey),
  };
}

function readStack(directory: string, id: string, artifact: JsonObject): Stack {
  const properties = objectAt(artifact['properties']);
  const file = textAt(properties['templateFile']) ?? `${id}.template.json`;
  return { name: textAt(properties['stackName']) ?? id, template: readJson(join(directory, file), directory) };
}

/** Ids of the stack artifacts such that every stack comes after those it depends on. */
function stackIds(artifacts: JsonObject): string[] {
  const ordered: string[] = [];
  const visited = new Set<string>();
  const visit = (id: string): void => {
    if (visited.has(id)) return;
    visited.add(id);
    const artifact = objectAt(artifacts[id]);
    for (const dependency of listAt(artifact['dependencies'])) visit(String(dependency));
    if (artifact['type'] === 'aws:cloudformation:stack') ordered.push(id);
  };
  for (const id of Object.keys(artifacts)) visit(id);
  return ordered;
}

function addAssets(assets: Map<string, string>, directory: string, artifact: JsonObject): void {
  const file = textAt(objectAt(artifact['properties'])['file']);
  if (file === undefined) return;
  const files = objectAt(readJson(join(directory, file), directory)['files']);
  for (const asset of Object.values(files)) {
    const path = textAt(objectAt(objectAt(asset)['source'])['path']);
    if (path === undefined) continue;
    for (const destination of Object.values(objectAt(objectAt(asset)['destinations']))) {
      const key = textAt(objectAt(destination)['objectKey']);
      if (key !== undefined) assets.set(key, join(directory, path));
    }
  }
}

function readJson(path: string, directory: string): JsonObject {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Json;
    if (isObject(value)) return value;
    throw new StartError(`${path} is not a JSON object.`);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new StartError(`${directory} is not a synthesized app (${path} is missing). Run \`npm run synth\` first.`);
  }
}
