export const MEDIA_TYPES = ['image', 'video', 'upload'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** What the address of the gallery says: which type (images where none is named), and what is open large. */
export interface MediaSearch {
  type?: Exclude<MediaType, 'image'> | undefined;
  /** Name of a medium. */
  open?: string | undefined;
}

export interface MediaPageProps {
  search: MediaSearch;
  onSearch: (search: MediaSearch) => void;
}

/** Unknown values are ignored. */
export function readMediaSearch({ type, open }: Record<string, unknown>): MediaSearch {
  return {
    ...(type === 'video' || type === 'upload' ? { type } : {}),
    ...(typeof open === 'string' && open !== '' ? { open } : {}),
  };
}
