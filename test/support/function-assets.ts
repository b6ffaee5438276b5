import { readCloudAssembly } from '../../infra/local/cloud-assembly.ts';
import { objectAt, textAt, type JsonObject } from '../../infra/local/json.ts';

/** What a deployment would upload, found in a cloud assembly by what it is for. */

function findAsset(assembly: string, place: string, matches: (resource: JsonObject) => boolean): string {
  const { stacks, assetPath } = readCloudAssembly(assembly);
  for (const { template } of stacks) {
    for (const value of Object.values(objectAt(template['Resources']))) {
      const resource = objectAt(value);
      if (!matches(resource)) continue;
      const key = textAt(objectAt(objectAt(resource['Properties'])[place])['S3Key']) ?? '';
      const path = assetPath(key);
      if (path !== undefined) return path;
    }
  }
  throw new Error(`${assembly} holds no such asset`);
}

/** Directory of the code of the function that the template calls so. */
export function functionAssetOf(assembly: string, name: string): string {
  const isIt = (resource: JsonObject): boolean =>
    resource['Type'] === 'AWS::Lambda::Function' && objectAt(resource['Metadata'])['sluice:name'] === name;
  return findAsset(assembly, 'Code', isIt);
}

/** Directory of the shared layer, as it is laid under `/opt`. */
export function layerAssetOf(assembly: string): string {
  return findAsset(assembly, 'Content', (resource) => resource['Type'] === 'AWS::Lambda::LayerVersion');
}

/** Names of all functions of ours. */
export function functionNamesOf(assembly: string): string[] {
  return readCloudAssembly(assembly).stacks.flatMap(({ template }) =>
    Object.values(objectAt(template['Resources'])).flatMap((resource) => {
      const name = textAt(objectAt(objectAt(resource)['Metadata'])['sluice:name']);
      return objectAt(resource)['Type'] === 'AWS::Lambda::Function' && name !== undefined ? [name] : [];
    }),
  );
}
