import { parseArgs } from 'node:util';
import { z } from 'zod';
import { openGateway } from './gateway.ts';

/*
 * npm run audit:verify [-- --anchor <sequence>:<hash>] [--data .sluice]
 *
 * Asks a running gateway to prove its audit log, part after part: the stack that `npm start` runs here, or the one at
 * SLUICE_URL as the administrator SLUICE_ADMIN_USERNAME with SLUICE_ADMIN_PASSWORD. Prints the head, which is worth
 * noting somewhere else: given as --anchor later, it shows that nobody has written the log anew. Ends with 1, and the
 * first broken entry, when the log is not what was written.
 */

const place = z.object({ sequence: z.number(), hash: z.string() });
const answerSchema = z.object({
  data: z.object({
    checked: z.number(),
    position: place,
    head: place.nullable(),
    open: z.number(),
    broken: z.object({ sequence: z.number(), kind: z.string(), message: z.string() }).nullable(),
    next: z.string().nullable(),
  }),
});

const { values } = parseArgs({
  options: { anchor: { type: 'string' }, data: { type: 'string', default: '.sluice' }, 'data-dir': { type: 'string' } },
});
try {
  process.exitCode = await verify();
} catch (error) {
  process.stderr.write(`audit:verify: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}

async function verify(): Promise<number> {
  const gateway = await openGateway(values['data-dir'] ?? values.data);
  let query = new URLSearchParams(values.anchor === undefined ? {} : { anchor: values.anchor });
  for (let checked = 0; ;) {
    const { data } = answerSchema.parse(await gateway.call(`/api/admin/audit/verify?${query.toString()}`));
    checked += data.checked;
    if (data.broken) {
      print(`broken at entry ${data.broken.sequence} (${data.broken.kind}): ${data.broken.message}`);
      print(`${checked} entries prove, as far as entry ${data.position.sequence}.`);
      return 1;
    }
    if (data.next === null) {
      print(`${checked} entries prove; ${data.open} actions were begun and not ended.`);
      print(`head ${data.position.sequence}:${data.position.hash}`);
      return 0;
    }
    query = new URLSearchParams({ from: data.next });
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
