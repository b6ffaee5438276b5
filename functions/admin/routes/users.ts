import { confirmation, successOf } from '@sluice/contract/envelopes';
import {
  administeredUser,
  changeUserInput,
  createdUser,
  createUserInput,
  resetUserPasswordAnswer,
  resetUserPasswordInput,
  userListQuery,
  userPage,
} from '@sluice/contract/user-administration';
import { changeUser, createUser, deleteUser, listUsers, resetUserPassword, showUser } from '../resources/users.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function userRoutes(): AdminRoute[] {
  const users = { tag: 'Users', access: 'users:manage' } as const;
  return [
    route({ ...users, method: 'GET', path: '/api/admin/users', summary: 'Users by name',
      query: userListQuery, answer: successOf(userPage), run: listUsers }),
    route({ ...users, method: 'POST', path: '/api/admin/users', summary: 'Make a user, or invite one by mail',
      body: createUserInput, answer: successOf(createdUser), status: 201, run: createUser }),
    route({ ...users, method: 'GET', path: '/api/admin/users/{id}', summary: 'One user',
      answer: successOf(administeredUser), run: showUser }),
    route({ ...users, method: 'PATCH', path: '/api/admin/users/{id}', summary: 'Role, state, trust, names of a user',
      body: changeUserInput, answer: successOf(administeredUser), run: changeUser }),
    route({ ...users, method: 'DELETE', path: '/api/admin/users/{id}', summary: 'Delete a user and disable the keys',
      answer: confirmation, run: deleteUser }),
    route({ ...users, method: 'POST', path: '/api/admin/users/{id}/reset-password',
      summary: 'Mail a link, or set a temporary password', body: resetUserPasswordInput,
      answer: resetUserPasswordAnswer, run: resetUserPassword }),
  ];
}
