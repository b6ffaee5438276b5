import { z } from 'zod';

const KINDS = ['image', 'video', 'upload'] as const;

const kind = z.enum(KINDS).meta({ description: '`upload`: sent by clients for edits, never served.' });

const size = z.object({ count: z.number(), bytes: z.number(), size_mb: z.number() });

export const mediaTotals = z.object({ local_image: size, local_video: size });

export const mediaTotalsAnswer = mediaTotals.extend({
  success: z.literal(true),
  local_upload: size,
  online: z.null().meta({ description: 'Vendors keep nothing for us.' }),
});

export const mediaListQuery = z.object({
  type: kind.default('image'),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  page_size: z.coerce.number().int().min(1).max(5_000).default(1_000),
  cursor: z.string().max(300).optional().meta({ description: '`next_cursor` of the page before, in place of `page`.' }),
});
export type MediaListQuery = z.infer<typeof mediaListQuery>;

export const mediaListAnswer = z.object({
  success: z.literal(true),
  total: z.number(),
  page: z.number(),
  page_size: z.number(),
  items: z.array(
    z.object({
      name: z.string(),
      size_bytes: z.number(),
      mtime_ms: z.number(),
      preview_url: z.string().nullable().meta({ description: 'Of images.' }),
      url: z.string().nullable(),
      content_type: z.string(),
      owner: z.string().meta({ description: 'User id.' }),
      expires_at_ms: z.number(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

export const mediaClearInput = z.object({ type: kind });
export type MediaClearInput = z.infer<typeof mediaClearInput>;

export const mediaItemInput = z.object({ type: kind, name: z.string().min(1).max(300) });
export type MediaItemInput = z.infer<typeof mediaItemInput>;

export const mediaClearAnswer = z.object({
  success: z.literal(true),
  deleted: z.number(),
  bytes: z.number(),
  has_more: z.boolean().meta({ description: 'One call deletes 4,000 at most; call again.' }),
});
