import { mediaTotalsAnswer } from '@sluice/contract/media';
import { queryOptions } from '@tanstack/react-query';
import { callBareApi } from '../../../lib/api-client.ts';
import { MEDIA } from './list-media.ts';

/** How many media there are of each type, and what they take. */
export const mediaTotalsQuery = queryOptions({
  queryKey: [...MEDIA, 'totals'],
  queryFn: async ({ signal }) => {
    const answer = await callBareApi({ path: '/api/v1/admin/cache', schema: mediaTotalsAnswer, signal });
    return { image: answer.local_image, video: answer.local_video, upload: answer.local_upload };
  },
});
