import { keyView, type changeKeyInput } from '@sluice/contract/keys';
import { useMutation, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import { KEY_LISTS, KEYS, type Key } from './list-keys.ts';
import { keyQuery } from './show-key.ts';

export type KeyChange = z.input<typeof changeKeyInput>;

interface KeyPage {
  keys: Key[];
  next_cursor: string | null;
}

/** Changes what may be changed of a key. */
export function useChangeKey() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: KeyChange }) => sendChange(id, change),
    onSettled: () => queryClient.invalidateQueries({ queryKey: KEYS }),
  });
}

/** Switches a key on or off; every list shows it at once, and takes it back when the server refuses. */
export function useSwitchKey() {
  const queryClient = useQueryClient();
  const show = (id: string, isActive: boolean): void => {
    const change = (key: Key): Key => (key.id === id ? { ...key, is_active: isActive } : key);
    queryClient.setQueriesData<InfiniteData<KeyPage>>({ queryKey: KEY_LISTS }, (data) =>
      data ? { ...data, pages: data.pages.map((page) => ({ ...page, keys: page.keys.map(change) })) } : data,
    );
    queryClient.setQueryData(keyQuery(id).queryKey, (key) => (key ? change(key) : key));
  };
  return useMutation({
    mutationFn: ({ id, isActive }: { id: string; isActive: boolean }) => sendChange(id, { is_active: isActive }),
    onMutate: async ({ id, isActive }) => {
      await queryClient.cancelQueries({ queryKey: KEYS });
      show(id, isActive);
    },
    onError: (_error, { id, isActive }) => show(id, !isActive),
    onSettled: () => queryClient.invalidateQueries({ queryKey: KEYS }),
  });
}

function sendChange(id: string, change: KeyChange): Promise<Key> {
  return callApi({ method: 'PATCH', path: `/api/keys/${encodeURIComponent(id)}`, body: change, schema: keyView });
}
