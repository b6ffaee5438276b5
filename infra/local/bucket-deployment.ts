import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import type { BucketClient } from './bucket-client.ts';
import type { CloudAssembly } from './cloud-assembly.ts';
import { listAt, objectAt, textAt, type JsonObject } from './json.ts';
import { StartError } from './start-error.ts';

/** As `aws s3 sync` guesses them, for what a console is made of. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.ico': 'image/vnd.microsoft.icon',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/** Properties that change what is copied and that are not modelled. */
const UNSUPPORTED = ['Include', 'Exclude'];

/** Does what the CDK's bucket deployment does: copies its assets into the bucket (resolved properties). */
export async function deployToBucket(
  properties: JsonObject,
  assembly: CloudAssembly,
  buckets: BucketClient,
): Promise<void> {
  const unknown = UNSUPPORTED.find((name) => listAt(properties[name]).length > 0);
  if (unknown !== undefined)
    throw new StartError(`A bucket deployment uses ${unknown}, which the local stack does not know.`);
  const bucket = textAt(properties['DestinationBucketName']) ?? '';
  const prefix = (textAt(properties['DestinationBucketKeyPrefix']) ?? '').replace(/^\/|\/$/g, '');
  const metadata = systemMetadata(objectAt(properties['SystemMetadata']));
  const markers = listAt(properties['SourceMarkers']);
  const sources = listAt(properties['SourceObjectKeys']).map((key, index) => {
    const directory = assembly.assetPath(String(key));
    if (directory === undefined || !statSync(directory).isDirectory()) {
      throw new StartError(`The bucket deployment's asset ${String(key)} is not a directory of the cloud assembly.`);
    }
    return { directory, markers: objectAt(markers[index]) };
  });
  for (const source of sources) {
    await Promise.all(
      filesBelow(source.directory).map((file) => {
        const key = file.split(sep).join('/');
        return buckets.put({
          bucket,
          key: prefix === '' ? key : `${prefix}/${key}`,
          body: fillMarkers(readFileSync(join(source.directory, file)), source.markers),
          headers: { 'content-type': CONTENT_TYPES[extname(file).toLowerCase()] ?? 'binary/octet-stream', ...metadata },
        });
      }),
    );
  }
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(directory, name)).isFile(),
  );
}

/** Values that are only known when deploying stand in the asset as `<<marker:…>>`. */
function fillMarkers(content: Buffer, markers: JsonObject): Buffer {
  if (Object.keys(markers).length === 0) return content;
  let text = content.toString('utf8');
  for (const [marker, value] of Object.entries(markers)) text = text.replaceAll(marker, String(value));
  return Buffer.from(text);
}

/** `cache-control`, `content-type` and the like; user metadata is not used by a web site. */
function systemMetadata(metadata: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
