import type { IconName } from '../components/icon.tsx';

/** The pages of the menu, in its order. `operator`: shown to administrators only (the API refuses everyone else too). */
export const NAVIGATION = [
  { to: '/', text: 'nav.overview', icon: 'overview', operator: false },
  { to: '/keys', text: 'nav.keys', icon: 'keys', operator: false },
  { to: '/usage', text: 'nav.usage', icon: 'usage', operator: false },
  { to: '/models', text: 'nav.models', icon: 'models', operator: true },
  { to: '/credentials', text: 'nav.credentials', icon: 'credentials', operator: true },
] as const satisfies readonly { to: string; text: string; icon: IconName; operator: boolean }[];
