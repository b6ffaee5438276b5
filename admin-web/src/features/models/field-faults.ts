import { ApiError } from '../../lib/api-client.ts';

/** What the API refused, by the path of the form's field: `routes[0].upstream` is `routes.0.upstream` there. */
export function faultsByField(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(
    error.findings.map(({ path, message }) => [path.replaceAll(/\[(\d+)\]/g, '.$1').replace(/^\./, ''), message]),
  );
}

/** Whether an address was refused because it lies in a network that nobody opened. */
export function isClosedNetwork(message: string): boolean {
  return message.includes('allowedUpstreamNetworks');
}
