import {
  channelKeyList,
  channelKeyStatus,
  channelKeyView,
  createChannelKeyInput,
  createdChannelKey,
  createdDayKey,
  createDayKeyInput,
  createdUserKey,
  createUserKeyInput,
  dayKeyChange,
  dayKeyDeletion,
  dayKeyList,
  done,
  userKeyAnswer,
  userKeyChange,
  userKeyDeletion,
  userKeyList,
} from '@sluice/contract/key-dialects';
import { confirmation } from '@sluice/contract/envelopes';
import {
  createChannelKey,
  deleteChannelKey,
  listChannelKeys,
  showChannelKey,
  switchChannelKey,
} from '../resources/channel-keys.ts';
import { changeDayKey, createDayKey, dayKeyListQuery, deleteDayKey, listDayKeys } from '../resources/day-keys.ts';
import { changeUserKey, createUserKey, deleteUserKey, listUserKeys } from '../resources/user-api-keys.ts';
import { route, type AdminRoute } from '../route.ts';

/** Keys under the paths of the other contracts. */
// prettier-ignore
export function keyDialectRoutes(): AdminRoute[] {
  const tag = 'Keys';
  const access = 'keys:own';
  const any = 'keys:any';
  const users = '/api/user/api-keys';
  const channels = '/api/api-keys';
  const days = '/api/v1/admin/keys';
  return [
    route({ method: 'GET', path: users, tag, summary: 'Your keys', access, answer: userKeyList, run: listUserKeys }),
    route({ method: 'POST', path: users, tag, summary: 'A new key, shown this once', access,
      body: createUserKeyInput, answer: createdUserKey, status: 201, run: createUserKey }),
    route({ method: 'PATCH', path: users, tag, summary: 'Rename, enable, disable a key', access,
      body: userKeyChange, answer: userKeyAnswer, run: changeUserKey }),
    route({ method: 'PUT', path: users, tag, summary: 'The same', access,
      body: userKeyChange, answer: userKeyAnswer, run: changeUserKey }),
    route({ method: 'DELETE', path: users, tag, summary: 'Delete the key that the body names', access,
      body: userKeyDeletion, answer: done, run: deleteUserKey }),

    route({ method: 'GET', path: channels, tag, summary: 'Your keys, a bare list', access,
      answer: channelKeyList, run: listChannelKeys }),
    route({ method: 'POST', path: channels, tag, summary: 'A new key of a channel, shown this once', access,
      body: createChannelKeyInput, answer: createdChannelKey, status: 201, run: createChannelKey }),
    route({ method: 'GET', path: `${channels}/{id}`, tag, summary: 'One key, without its secret', access,
      answer: channelKeyView, run: showChannelKey }),
    route({ method: 'PATCH', path: `${channels}/{id}/status`, tag, summary: 'Enable or disable a key', access,
      body: channelKeyStatus, answer: channelKeyView, run: switchChannelKey }),
    route({ method: 'DELETE', path: `${channels}/{id}`, tag, summary: 'Delete a key', access,
      answer: confirmation, run: deleteChannelKey }),

    route({ method: 'GET', path: days, tag, summary: 'Everybody\'s keys, with limits and use of the day', access: any,
      query: dayKeyListQuery, answer: dayKeyList, run: listDayKeys }),
    route({ method: 'POST', path: days, tag, summary: 'A new key of yours, shown this once', access: any,
      body: createDayKeyInput, answer: createdDayKey, run: createDayKey }),
    route({ method: 'POST', path: `${days}/update`, tag, summary: 'Rename, enable, disable, limit a key', access: any,
      body: dayKeyChange, answer: done, run: changeDayKey }),
    route({ method: 'POST', path: `${days}/delete`, tag, summary: 'Delete a key', access: any,
      body: dayKeyDeletion, answer: done, run: deleteDayKey }),
  ];
}
