import type { Upstream, VaultStore } from '../credentials/store.ts';
import type { SectionPlan, UpstreamEntry } from './configuration-types.ts';
import { findRepeats } from './repeats.ts';
import { checkUpstreamAddress } from './upstream-address.ts';

const RELAYED_FORMATS: readonly string[] = ['openai-chat'];
/** These two need paths and signatures of their own even where the body is a known format. */
const UNRELAYED_VENDORS: readonly string[] = ['azure-openai', 'bedrock'];

export async function planUpstreams(
  deps: { vault: VaultStore; now: number },
  entries: readonly UpstreamEntry[],
  allowedNetworks: readonly string[],
): Promise<SectionPlan> {
  const plan: SectionPlan = { steps: [], errors: [], warnings: [] };
  plan.errors.push(...findRepeats('upstreams', 'name', entries, (entry) => entry.name));
  for (const [index, entry] of entries.entries()) {
    const address = checkUpstreamAddress({ url: entry.baseUrl, allowedNetworks });
    if (!address.ok) {
      plan.errors.push({ path: `upstreams[${index}].baseUrl`, message: address.message });
      continue;
    }
    const what = `upstreams/${entry.name}`;
    if (address.warning !== null) plan.warnings.push(`${what}: ${address.warning}`);
    plan.warnings.push(...warningsOf(what, entry));
    const stored = await deps.vault.findUpstream(entry.name);
    const row: Upstream = {
      name: entry.name,
      format: entry.format,
      vendor: entry.vendor,
      baseUrl: address.url,
      createdAt: stored?.createdAt ?? deps.now,
      updatedAt: deps.now,
    };
    if (stored && isSame(stored, row)) plan.steps.push({ what, effect: 'unchanged', prepare: null });
    else {
      const effect = stored ? 'updated' : 'created';
      plan.steps.push({ what, effect, prepare: async () => () => deps.vault.putUpstream(row) });
    }
  }
  return plan;
}

function isSame(left: Upstream, right: Upstream): boolean {
  return left.format === right.format && left.vendor === right.vendor && left.baseUrl === right.baseUrl;
}

function warningsOf(what: string, entry: UpstreamEntry): string[] {
  if (!RELAYED_FORMATS.includes(entry.format)) {
    return [`${what}: stored, but requests are not relayed to the format ${entry.format} by this version`];
  }
  if (UNRELAYED_VENDORS.includes(entry.vendor)) {
    return [`${what}: stored, but requests are not relayed to the vendor ${entry.vendor} by this version`];
  }
  return [];
}
