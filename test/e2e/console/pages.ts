/** Every page of the console: where it is, and who has to be logged in to see it. */
export interface ConsolePage {
  path: string;
  who: 'nobody' | 'user' | 'operator';
}

export const CONSOLE_PAGES: readonly ConsolePage[] = [
  { path: '/login', who: 'nobody' },
  { path: '/register', who: 'nobody' },
  { path: '/forgot-password', who: 'nobody' },
  { path: '/verify-email?token=unknown', who: 'nobody' },
  { path: '/reset-password?token=unknown', who: 'nobody' },
  { path: '/', who: 'user' },
  { path: '/playground', who: 'user' },
  { path: '/keys', who: 'user' },
  { path: '/usage', who: 'user' },
  { path: '/plan', who: 'user' },
  { path: '/account', who: 'user' },
  { path: '/', who: 'operator' },
  { path: '/keys', who: 'operator' },
  { path: '/usage', who: 'operator' },
  { path: '/credentials', who: 'operator' },
  { path: '/models', who: 'operator' },
  { path: '/users', who: 'operator' },
  { path: '/plans', who: 'operator' },
  { path: '/plans?tab=codes', who: 'operator' },
  { path: '/alerts', who: 'operator' },
  { path: '/alerts?tab=history', who: 'operator' },
  { path: '/alerts?tab=rules', who: 'operator' },
  { path: '/alerts?tab=webhooks', who: 'operator' },
  { path: '/alerts?tab=deliveries', who: 'operator' },
  { path: '/audit', who: 'operator' },
  { path: '/settings', who: 'operator' },
];
