import type { DataDirectory } from './data-directory.ts';
import type { LocalStack } from './local-stack.ts';

const FILE = 'ready.json';

/** `ready.json`: there while everything answers, right about process ids after each restart (architecture.md §14). */
export function createReadyFile(directory: DataDirectory) {
  let published: { stack: LocalStack; apiKey: string } | undefined;
  const write = async (): Promise<void> => {
    if (published === undefined) return;
    const { stack, apiKey } = published;
    const relay = await stack.relay();
    // Removed while the relay was coming back: the stack is stopping.
    if (published === undefined) return;
    directory.write(FILE, {
      url: stack.url,
      relayUrl: relay.url,
      relayHeaders: { ...relay.headers },
      adminUrl: stack.url,
      sandboxUrl: stack.sandboxUrl,
      admin: { ...stack.admin },
      apiKey,
      pids: stack.pids(),
    });
  };
  return {
    publish: async (stack: LocalStack, apiKey: string): Promise<void> => {
      published = { stack, apiKey };
      await write();
    },
    /** Writes the file anew after a process has gone or come back. */
    refresh: write,
    remove: (): void => {
      published = undefined;
      directory.remove(FILE);
    },
  };
}
