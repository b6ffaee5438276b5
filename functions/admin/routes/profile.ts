import { changeProfileInput, profileAnswer, userSettingsAnswer, userSettingsChange } from '@sluice/contract/profile';
import { changeProfile, changeUserSettings, showProfile, showUserSettings } from '../resources/profile.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function profileRoutes(): AdminRoute[] {
  const tag = 'Profile';
  return [
    route({ method: 'GET', path: '/api/user/profile', tag, summary: 'Your profile', access: 'profile:read',
      answer: profileAnswer, run: showProfile }),
    route({ method: 'PUT', path: '/api/user/profile', tag, summary: 'Change your name or address',
      access: 'profile:write', audit: { of: 'everybody' }, body: changeProfileInput, answer: profileAnswer,
      run: changeProfile }),
    route({ method: 'GET', path: '/api/user/settings', tag, summary: 'Your settings', access: 'profile:read',
      answer: userSettingsAnswer, run: showUserSettings }),
    route({ method: 'PUT', path: '/api/user/settings', tag, summary: 'Change your settings; what is not named stays',
      access: 'profile:write', body: userSettingsChange, answer: userSettingsAnswer, run: changeUserSettings }),
  ];
}
