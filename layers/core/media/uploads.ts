import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { keep, MOST_INPUT_BYTES, tooLarge, type MediaDeps } from './keep-media.ts';
import { createTimedUuid, namePresigned, nameUploaded } from './media-names.ts';
import type { UploadTicket } from './media-objects.ts';
import type { StoredMedium } from './media-store.ts';
import { sniffMedia } from './sniff.ts';

export interface AnnouncedUpload {
  /** `upload://<uuid>`, in the place of an image. */
  reference: string;
  uuid: string;
  ticket: UploadTicket;
  /** Milliseconds: when the address stops taking the file, and when the file goes. */
  ticketExpiresAt: number;
  expiresAt: number;
}

/** What clients bring along: small images through us, large ones straight into the bucket. */
export interface Uploads {
  /** @throws GatewayError `empty_file`, `file_too_large`, `unsupported_file` */
  keepImage(image: { owner: string; bytes: Uint8Array; createdAt: number }): Promise<StoredMedium>;
  /**
   * @param announced.bytes exactly so many will come; null: up to `MOST_INPUT_BYTES`
   * @throws GatewayError `file_too_large`
   */
  announce(announced: {
    owner: string;
    contentType: string;
    bytes: number | null;
    createdAt: number;
  }): Promise<AnnouncedUpload>;
}

const TICKET_SECONDS = 3_600;
const UPLOAD_LIFE_SECONDS = 86_400;

export function createUploads(deps: MediaDeps): Uploads {
  return {
    async keepImage({ owner, bytes, createdAt }) {
      if (bytes.length === 0) throw new GatewayError('empty_file', { message: 'The file is empty.', param: 'file' });
      if (bytes.length > deps.mostBytes) throw tooLarge(deps.mostBytes);
      if (sniffMedia(bytes)?.kind !== 'image') {
        throw new GatewayError('unsupported_file', {
          message: 'The file is not an image of a kind that is taken: PNG, JPEG, WebP, GIF or AVIF.',
          param: 'file',
        });
      }
      return keep(deps, { kind: 'image', owner, body: bytes, createdAt }, nameUploaded);
    },
    async announce({ owner, contentType, bytes, createdAt }) {
      if (bytes !== null && bytes > MOST_INPUT_BYTES) throw tooLarge(MOST_INPUT_BYTES);
      const expiresAt = Math.floor(createdAt / 1_000) + UPLOAD_LIFE_SECONDS;
      const uuid = createTimedUuid({ expiresAt, createdAt });
      const key = namePresigned(uuid, owner);
      // The row first: a file that nobody knows of would outlive its user.
      await deps.index.add({ key, kind: 'upload', owner, bytes: bytes ?? 0, contentType });
      const ticket = deps.objects.createTicket({
        key,
        contentType,
        bytes,
        mostBytes: MOST_INPUT_BYTES,
        lifeSeconds: TICKET_SECONDS,
      });
      return {
        reference: `upload://${uuid}`,
        uuid,
        ticket,
        ticketExpiresAt: createdAt + TICKET_SECONDS * 1_000,
        expiresAt: expiresAt * 1_000,
      };
    },
  };
}
