import type { JobObjects } from '../tables/media-job-contents.ts';
import type { S3Client } from './s3-client.ts';

/** Large requests and answers of jobs, in the media bucket where no path of the CDN leads. */
export function createJobObjects(client: Pick<S3Client, 'send' | 'open'>): JobObjects {
  const keyOf = (name: string): string => `jobs/${name}`;
  const headers = { 'content-type': 'application/octet-stream' };
  return {
    async put(name, body) {
      await client.send({ method: 'PUT', key: keyOf(name), headers, body }, { repeatable: true });
    },
    async get(name) {
      const opened = await client.open(keyOf(name));
      if (opened === null) return null;
      const chunks: Buffer[] = [];
      for await (const chunk of opened.body) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async remove(name) {
      await client.send({ method: 'DELETE', key: keyOf(name) }, { repeatable: true });
    },
  };
}
