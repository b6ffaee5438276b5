import type { IconName } from '../components/icon.tsx';

interface Group {
  /** Heading of the group; null: it needs none. */
  text: string | null;
  /** Shown to administrators only (the API refuses everyone else too). */
  operator: boolean;
  pages: readonly { to: string; text: string; icon: IconName }[];
}

/** The pages of the menu, in its order. */
export const NAVIGATION = [
  {
    text: null,
    operator: false,
    pages: [
      { to: '/', text: 'nav.overview', icon: 'overview' },
      { to: '/playground', text: 'nav.playground', icon: 'chat' },
      { to: '/keys', text: 'nav.keys', icon: 'keys' },
      { to: '/usage', text: 'nav.usage', icon: 'usage' },
      { to: '/plan', text: 'nav.plan', icon: 'plans' },
      { to: '/account', text: 'nav.account', icon: 'account' },
    ],
  },
  {
    text: 'nav.groups.providers',
    operator: true,
    pages: [
      { to: '/credentials', text: 'nav.credentials', icon: 'credentials' },
      { to: '/models', text: 'nav.models', icon: 'models' },
    ],
  },
  {
    text: 'nav.groups.people',
    operator: true,
    pages: [
      { to: '/users', text: 'nav.users', icon: 'users' },
      { to: '/plans', text: 'nav.plans', icon: 'plans' },
    ],
  },
  {
    text: 'nav.groups.operation',
    operator: true,
    pages: [
      { to: '/alerts', text: 'nav.alerts', icon: 'alert' },
      { to: '/audit', text: 'nav.audit', icon: 'audit' },
      { to: '/settings', text: 'nav.settings', icon: 'settings' },
    ],
  },
] as const satisfies readonly Group[];
