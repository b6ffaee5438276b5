/** Bytes on their way from one that has them to one that asks for them, a few at a time. */
export interface ByteChannel {
  readonly readable: AsyncIterable<Uint8Array>;
  /** Resolves when more may come; at once when nobody reads any more. */
  write(bytes: Uint8Array): Promise<void>;
  end(): void;
  /** What was written is not all, and the reader is told so. */
  fail(error: Error): void;
}

export function createByteChannel(): ByteChannel {
  let waiting: Uint8Array | null = null;
  let isOver = false;
  let failure: Error | null = null;
  let isLeft = false;
  let wakeReader: (() => void) | null = null;
  let wakeWriter: (() => void) | null = null;

  const tellReader = (): void => {
    wakeReader?.();
    wakeReader = null;
  };
  const tellWriter = (): void => {
    wakeWriter?.();
    wakeWriter = null;
  };
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        if (waiting !== null) {
          const bytes = waiting;
          waiting = null;
          tellWriter();
          yield bytes;
        } else if (failure !== null) {
          throw failure;
        } else if (isOver) {
          return;
        } else {
          await new Promise<void>((resolve) => (wakeReader = resolve));
        }
      }
    } finally {
      isLeft = true;
      waiting = null;
      tellWriter();
    }
  }
  return {
    readable: read(),
    async write(bytes) {
      for (;;) {
        if (isLeft) return;
        if (waiting === null) break;
        await new Promise<void>((resolve) => (wakeWriter = resolve));
      }
      waiting = bytes;
      tellReader();
    },
    end() {
      isOver = true;
      tellReader();
    },
    fail(error) {
      failure ??= error;
      tellReader();
    },
  };
}
