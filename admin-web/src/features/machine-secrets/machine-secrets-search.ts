/** What the address of the page says: the secret that is open, or that one is being made. */
export interface MachineSecretsSearch {
  secret?: string | undefined;
  create?: true | undefined;
}

/** A router reads `?secret=4` as a number. */
export function readMachineSecretsSearch({ secret, create }: Record<string, unknown>): MachineSecretsSearch {
  return {
    ...((typeof secret === 'string' && secret !== '') || typeof secret === 'number' ? { secret: String(secret) } : {}),
    ...(create === true ? { create } : {}),
  };
}
