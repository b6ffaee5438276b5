import { startFakeUpstream } from '../../support/fake-upstream.ts';
import { measureWriteUnits } from '../../support/write-units.ts';
import type { Section } from '../report.ts';
import type { Bench } from '../stage.ts';

export async function countWriteUnits({ stack }: Bench): Promise<Section> {
  const upstream = await startFakeUpstream();
  try {
    const found = await measureWriteUnits(stack, upstream, { openHolds: [1, 32, 100], limitedKeys: 4 });
    return {
      rows: found.map(({ openHolds, limitedKeys, perRequest }) => ({
        name: `write units per request, ${openHolds} open holds, ${limitedKeys} limited keys`,
        unit: 'units',
        values: { relay: perRequest },
        result: perRequest,
        resultMeans: '',
        target: openHolds <= 32 ? 8 : null,
      })),
      notes: ['Write units are counted by the embedded store as on-demand tables charge them, index units included.'],
      details: found,
    };
  } finally {
    await upstream.close();
  }
}
