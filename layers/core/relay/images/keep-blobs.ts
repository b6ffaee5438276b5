import type { BlobWriter } from '@sluice/kit/json/blob-tap';
import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { MediaInput, MediaStore, StoredMedium } from '../../media/media-store.ts';
import { createByteChannel } from './byte-channel.ts';

/** A picture that arrived. */
export interface Blob {
  /** Rejects when it could not be kept; null: it is in memory only. */
  medium: Promise<StoredMedium> | null;
  /** Null where it was too large to stay in memory beside. */
  bytes: Buffer | null;
}

export interface BlobKeeper {
  open(index: number): BlobWriter;
  /** Complete ones, by their place in the body. */
  readonly blobs: ReadonlyMap<number, Blob>;
  /** No more comes: one that has begun is not kept. */
  stop(): void;
  /** Lets go of the bytes of a picture that was told. */
  forget(index: number): void;
}

/** A picture up to this size stays in memory until the answer is told, which saves reading it back. */
export const FEW_BYTES = 2 * 1024 * 1024;

type WriteMedium = (body: MediaInput['body']) => Promise<StoredMedium>;

/** Pictures of a whole answer: each goes to the store as it arrives and is never whole in memory, unless it is small. */
export function createStoringKeeper(write: WriteMedium): BlobKeeper {
  const blobs = new Map<number, Blob>();
  let stopOpen: (() => void) | null = null;
  return {
    blobs,
    forget: (index) => {
      const blob = blobs.get(index);
      if (blob) blob.bytes = null;
    },
    stop: () => stopOpen?.(),
    open(index) {
      const channel = createByteChannel();
      let few: Buffer[] | null = [];
      let size = 0;
      const medium = write(channel.readable);
      // Who fails is found out when the picture is asked for.
      medium.catch(() => undefined);
      stopOpen = () => channel.fail(new Error('The picture broke off'));
      return {
        write(bytes) {
          size += bytes.length;
          if (size > FEW_BYTES) few = null;
          few?.push(bytes);
          return channel.write(bytes);
        },
        async end() {
          stopOpen = null;
          channel.end();
          blobs.set(index, { medium, bytes: few && Buffer.concat(few) });
          await medium.catch(() => undefined);
        },
      };
    },
  };
}

/** Pictures of a stream's events, of which it is known only afterwards whether they are finished: one at a time. */
export function createHoldingKeeper(): BlobKeeper {
  const blobs = new Map<number, Blob>();
  return {
    blobs,
    forget: (index) => void blobs.delete(index),
    stop: () => undefined,
    open(index) {
      const chunks: Buffer[] = [];
      return {
        write: (bytes) => void chunks.push(bytes),
        end: () => void blobs.set(index, { medium: null, bytes: Buffer.concat(chunks) }),
      };
    },
  };
}

/** How the pictures of one request are kept. */
export function createMediumWriter(
  media: Pick<MediaStore, 'write'>,
  { owner, createdAt }: Pick<MediaInput, 'owner' | 'createdAt'>,
): WriteMedium {
  return async (body) => {
    const medium = await media.write({ kind: 'image', owner, createdAt, body }).catch(asUpstreamsFault);
    if (/^(?:image\/|application\/octet-stream)/.test(medium.contentType)) return medium;
    throw new GatewayError('upstream_error', {
      message: `The upstream sent something that is no picture (${medium.contentType}).`,
    });
  };
}

/** What is wrong with a picture of an upstream's, its client cannot mend. */
function asUpstreamsFault(error: unknown): never {
  if (!isGatewayError(error) || error.status >= 500) throw error;
  throw new GatewayError('upstream_error', {
    message: `The upstream’s picture cannot be kept: ${error.message}`,
    internal: error.code,
  });
}
