import { confirmation, successOf } from '@sluice/contract/envelopes';
import {
  changeKeyInput,
  createdKeyAnswer,
  createKeyInput,
  keyListAnswer,
  keyListQuery,
  keyView,
} from '@sluice/contract/keys';
import { changeKey, createKey, deleteKey, listKeys, ownerQuery, showKey } from '../resources/keys.ts';
import { route, type AdminRoute } from '../route.ts';
import { warned } from './warned.ts';

// prettier-ignore
export function keyRoutes(): AdminRoute[] {
  const tag = 'Keys';
  const access = 'keys:own';
  return [
    route({ method: 'GET', path: '/api/keys', tag, summary: 'Your keys; with ?owner= another user\'s, with ?scope=all everybody\'s', access,
      query: keyListQuery, answer: keyListAnswer, run: listKeys }),
    route({ method: 'POST', path: '/api/keys', tag, summary: 'A new key, shown this once', access, query: ownerQuery,
      body: createKeyInput, answer: createdKeyAnswer, status: 201, run: createKey }),
    route({ method: 'GET', path: '/api/keys/{id}', tag, summary: 'One key', access,
      answer: successOf(keyView), run: showKey }),
    route({ method: 'PATCH', path: '/api/keys/{id}', tag, summary: 'Rename, disable, limit a key', access,
      body: changeKeyInput, answer: successOf(keyView).extend(warned), run: changeKey }),
    route({ method: 'DELETE', path: '/api/keys/{id}', tag, summary: 'Delete a key', access,
      answer: confirmation, run: deleteKey }),
  ];
}
