import type { IconName } from '../components/icon-shapes.ts';
import { isOperator, may, type Session } from '../lib/api/session.ts';

interface Page {
  to: string;
  text: string;
  icon: IconName;
  /** Right without which the page would show nothing but refusals. */
  permission?: string;
}

interface Group {
  /** Heading of the group; null: it needs none. */
  text: string | null;
  /** Shown to administrators only (the API refuses everyone else too). */
  operator: boolean;
  pages: readonly Page[];
}

/** The pages of the menu, in its order. */
export const NAVIGATION = [
  {
    text: null,
    operator: false,
    pages: [
      { to: '/', text: 'nav.overview', icon: 'overview' },
      { to: '/playground', text: 'nav.playground', icon: 'chat' },
      { to: '/conversations', text: 'nav.conversations', icon: 'conversations' },
      { to: '/keys', text: 'nav.keys', icon: 'keys' },
      { to: '/connect', text: 'nav.connect', icon: 'connect' },
      { to: '/usage', text: 'nav.usage', icon: 'usage' },
      { to: '/plan', text: 'nav.plan', icon: 'plans' },
      { to: '/accounts', text: 'nav.accounts', icon: 'sharing', permission: 'sharing:own' },
      { to: '/quota', text: 'nav.quota', icon: 'quota', permission: 'sharing:own' },
      { to: '/account', text: 'nav.account', icon: 'account' },
    ],
  },
  {
    text: 'nav.groups.providers',
    operator: true,
    pages: [
      { to: '/credentials', text: 'nav.credentials', icon: 'credentials' },
      { to: '/models', text: 'nav.models', icon: 'models' },
      { to: '/media', text: 'nav.media', icon: 'image' },
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
      { to: '/alerts', text: 'nav.alerts', icon: 'alert', permission: 'alerts:manage' },
      { to: '/machine-secrets', text: 'nav.machineSecrets', icon: 'machine', permission: 'machine-secrets:manage' },
      { to: '/import-export', text: 'nav.transfer', icon: 'transfer', permission: 'configuration:export' },
      { to: '/audit', text: 'nav.audit', icon: 'audit', permission: 'audit:read' },
      { to: '/system', text: 'nav.system', icon: 'system' },
      { to: '/settings', text: 'nav.settings', icon: 'settings', permission: 'settings:manage' },
    ],
  },
] as const satisfies readonly Group[];

/** Below them. */
export const HELP_PAGES = [
  { to: '/start', text: 'nav.start', icon: 'guide' },
  { to: '/docs', text: 'nav.docs', icon: 'docs' },
] as const satisfies readonly Page[];

/** Whether an entry is for whoever is logged in. */
export function maySee(session: Session | undefined, group: Pick<Group, 'operator'>, page: Page): boolean {
  if (group.operator && !isOperator(session)) return false;
  return page.permission === undefined || may(session, page.permission);
}

/** Whether an address is this page or one below it. */
export function holds(to: string, pathname: string): boolean {
  return pathname === to || (to !== '/' && pathname.startsWith(`${to}/`));
}
