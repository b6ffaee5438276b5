import { confirmation } from '@sluice/contract/envelopes';
import {
  mediaClearAnswer,
  mediaClearInput,
  mediaItemInput,
  mediaListAnswer,
  mediaListQuery,
  mediaTotalsAnswer,
} from '@sluice/contract/media';
import { clearMedia, clearOnline, deleteMedium, listMedia, showMediaTotals } from '../resources/media.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function mediaRoutes(): AdminRoute[] {
  const media = { tag: 'Media', access: 'media:manage' } as const;
  return [
    route({ ...media, method: 'GET', path: '/api/v1/admin/cache', summary: 'How many media are kept, and their size',
      answer: mediaTotalsAnswer, run: showMediaTotals }),
    route({ ...media, method: 'GET', path: '/api/v1/admin/cache/local', summary: 'The same',
      answer: mediaTotalsAnswer, run: showMediaTotals }),
    route({ ...media, method: 'GET', path: '/api/v1/admin/cache/list', summary: 'Media of one kind, newest first',
      query: mediaListQuery, answer: mediaListAnswer, run: listMedia }),
    route({ ...media, method: 'POST', path: '/api/v1/admin/cache/clear', summary: 'Delete the media of one kind',
      body: mediaClearInput, answer: mediaClearAnswer, run: clearMedia }),
    route({ ...media, method: 'POST', path: '/api/v1/admin/cache/item/delete', summary: 'Delete one medium',
      body: mediaItemInput, answer: mediaClearAnswer, run: deleteMedium }),
    route({ ...media, method: 'POST', path: '/api/v1/admin/cache/online/clear', summary: 'Answers 501: vendors keep nothing',
      answer: confirmation, run: clearOnline }),
  ];
}
