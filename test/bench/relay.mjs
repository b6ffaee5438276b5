// The relay's plain Node adapter as it is deployed: the bundle `server.mjs`, in a process of its own.
import { pathToFileURL } from 'node:url';
import { report } from './measured.mjs';

const { createServer } = await import(pathToFileURL(process.env['BENCH_SERVER_MODULE']).href);
report(await createServer());
