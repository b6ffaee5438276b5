import { beforeEach, describe, expect, it } from '@jest/globals';
import type { IndexedMedium } from '../../../layers/core/media/media-index.ts';
import { nameGenerated } from '../../../layers/core/media/media-names.ts';
import { createStage, type Stage } from './support/admin-stage.ts';

const CACHE = '/api/v1/admin/cache';
let stage: Stage;
let admin: Record<string, string>;
let deleted: string[];

beforeEach(async () => {
  deleted = [];
  stage = createStage({
    mediaObjects: {
      delete: async (keys) => {
        deleted.push(...keys);
        return [];
      },
    },
  });
  admin = await stage.as('admin');
});

async function keep(kind: IndexedMedium['kind'], count: number, owner = 'usr_1'): Promise<IndexedMedium[]> {
  const media = Array.from({ length: count }, (_, at): IndexedMedium => {
    const times = { expiresAt: Math.floor(stage.now.ms / 1_000) + 3_600, createdAt: stage.now.ms + at };
    return { key: nameGenerated(times, 'png'), kind, owner, bytes: 1024 * 1024, contentType: 'image/png' };
  });
  for (const medium of media) await stage.services.mediaIndex.add(medium);
  return media;
}

const nameOf = (medium: IndexedMedium | undefined): string => medium?.key.slice('images/'.length) ?? '';

describe('media in the console', () => {
  it('are counted by kind', async () => {
    await keep('image', 3);
    await keep('video', 1);
    for (const path of [CACHE, `${CACHE}/local`]) {
      const { status, json } = await stage.call(path, { headers: admin });
      expect([status, json]).toEqual([
        200,
        expect.objectContaining({
          success: true,
          local_image: { count: 3, bytes: 3 * 1024 * 1024, size_mb: 3 },
          local_video: { count: 1, bytes: 1024 * 1024, size_mb: 1 },
        }),
      ]);
    }
    stage.now.ms += 3_600_000;
    expect((await stage.call(CACHE, { headers: admin })).json.local_image.count).toBe(0);
  });

  it('are listed newest first, by numbered pages or by cursor, without one twice', async () => {
    const media = (await keep('image', 7)).toReversed();
    const seen: string[] = [];
    for (const page of [1, 2, 3]) {
      const { json } = await stage.call(`${CACHE}/list?type=image&page=${page}&page_size=3`, { headers: admin });
      expect([json.total, json.page, json.page_size]).toEqual([7, page, 3]);
      seen.push(...json.items.map((item: { name: string }) => item.name));
    }
    expect(seen).toEqual(media.map(nameOf));
    const beyond = await stage.call(`${CACHE}/list?page=4&page_size=3`, { headers: admin });
    expect([beyond.json.items, beyond.json.next_cursor]).toEqual([[], null]);
    const byCursor: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = cursor === '' ? 'page_size=3' : `page_size=3&cursor=${cursor}`;
      const { json } = await stage.call(`${CACHE}/list?${query}`, { headers: admin });
      byCursor.push(...json.items.map((item: { name: string }) => item.name));
      cursor = json.next_cursor;
    }
    expect(byCursor).toEqual(seen);
    expect((await stage.call(`${CACHE}/list?cursor=nonsense`, { headers: admin })).status).toBe(400);
  });

  it('have previews where they are images', async () => {
    const [image] = await keep('image', 1);
    const [video] = await keep('video', 1);
    const images = await stage.call(`${CACHE}/list?type=image`, { headers: admin });
    expect(images.json.items[0]).toMatchObject({ preview_url: `/${image?.key}`, owner: 'usr_1' });
    const videos = await stage.call(`${CACHE}/list?type=video`, { headers: admin });
    expect(videos.json.items[0]).toMatchObject({ preview_url: null, url: `/${video?.key}` });
  });

  it('are deleted one by one and by kind', async () => {
    const media = await keep('image', 5);
    await keep('video', 2);
    const item = (type: string, name: string) =>
      stage.call(`${CACHE}/item/delete`, { method: 'POST', headers: admin, body: { type, name } });
    expect((await item('video', nameOf(media[0]))).status).toBe(404);
    expect((await item('image', '../../etc/passwd')).status).toBe(404);
    expect((await item('image', nameOf(media[0]))).json).toMatchObject({ deleted: 1 });
    expect(deleted).toEqual([media[0]?.key]);
    const clear = await stage.call(`${CACHE}/clear`, { method: 'POST', headers: admin, body: { type: 'image' } });
    expect(clear.json).toEqual({ success: true, deleted: 4, bytes: 4 * 1024 * 1024, has_more: false });
    expect((await stage.call(CACHE, { headers: admin })).json).toMatchObject({
      local_image: { count: 0 },
      local_video: { count: 2 },
    });
  });

  it('are for administrators, and vendors keep none', async () => {
    const user = await stage.as('user');
    for (const path of [CACHE, `${CACHE}/list`]) {
      expect((await stage.call(path, { headers: user })).status).toBe(403);
      expect((await stage.call(path)).status).toBe(401);
    }
    const online = await stage.call(`${CACHE}/online/clear`, { method: 'POST', headers: admin });
    expect([online.status, online.json.error_code]).toEqual([501, 'NOT_IMPLEMENTED']);
  });

  it('go with their user, and their user goes without them when the bucket is away', async () => {
    const made = async (name: string): Promise<string> => {
      const body = { username: name, password: 'a long enough password 1' };
      const answer = await stage.call('/api/admin/users', { method: 'POST', headers: admin, body });
      expect(answer.status).toBe(201);
      return answer.json.data.id as string;
    };
    const [one, other] = [await made('first-artist'), await made('second-artist')];
    const media = await keep('image', 3, one);
    await keep('image', 2, other);
    expect((await stage.call(`/api/admin/users/${one}`, { method: 'DELETE', headers: admin })).status).toBe(200);
    expect(deleted.toSorted()).toEqual(media.map(({ key }) => key).toSorted());
    stage.services.mediaObjects.delete = () => Promise.reject(new Error('the bucket is away'));
    expect((await stage.call(`/api/admin/users/${other}`, { method: 'DELETE', headers: admin })).status).toBe(200);
    expect(stage.log.join('\n')).toContain('media_left');
  });
});
