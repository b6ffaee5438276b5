import type { ReactNode } from 'react';

/** Outline icons on a 24 × 24 grid, drawn in the text's colour. Decorative: the text beside them carries the meaning. */
const SHAPES = {
  overview: 'M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z',
  keys: 'M15.5 13.5a5 5 0 1 0-4.9-3.9L3.5 16.7V20.5h3.8v-2.4h2.4v-2.4h1.5l1.4-2.6a5 5 0 0 0 2.9.4zM16.6 7.4h.01',
  connect: 'M8.5 8L4 12l4.5 4M15.5 8l4.5 4-4.5 4M13.5 5.5l-3 13',
  usage: 'M4 20V4M4 20h16M8.5 16v-4M12.5 16V8M16.5 16v-6',
  models: 'M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12L4 7.5',
  credentials: 'M12 3l7.5 2.8v5.4c0 4.6-3.1 8-7.5 9.8-4.4-1.8-7.5-5.2-7.5-9.8V5.8zM9 11.8l2.2 2.2 4-4.2',
  users:
    'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.8 19.5c.6-3.3 3-5.2 6.2-5.2s5.6 1.9 6.2 5.2M15.5 5a3.4 3.4 0 0 1 0 6.4M17.6 14.6c2 .7 3.2 2.4 3.6 4.9',
  account: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.9-3.6 3.8-5.6 7.5-5.6s6.6 2 7.5 5.6',
  chat: 'M4 5h16v11h-8.5L7 20v-4H4zM8 9h8M8 12h5',
  settings:
    'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM9 14.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4z',
  plans: 'M4 7.5h16v3a2 2 0 0 0 0 4v3H4v-3a2 2 0 0 0 0-4zM14 7.5v10',
  audit: 'M6 3.5h9l4 4v13H6zM15 3.5v4h4M9 12h7M9 16h4.5',
  upload: 'M12 15.5V4.5M7.5 8.5L12 4l4.5 4.5M4.5 15.5v4h15v-4',
  docs: 'M5 4.5h5.5L12 6l1.5-1.5H19v14h-5.5L12 20l-1.5-1.5H5zM12 6v14',
  logout: 'M14 4.5H5.5v15H14M10 12h10M16.5 8.5L20 12l-3.5 3.5',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.8v2M12 19.2v2M2.8 12h2M19.2 12h2M5.5 5.5l1.4 1.4M17.1 17.1l1.4 1.4M18.5 5.5l-1.4 1.4M6.9 17.1l-1.4 1.4',
  moon: 'M20 14.2A8.3 8.3 0 0 1 9.8 4a8.3 8.3 0 1 0 10.2 10.2z',
  auto: 'M4 5h16v11H4zM9 20h6M12 16v4',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  sharing:
    'M6.5 14.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM17 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 17 8zM17 21.4a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM9 10.6l5.6-3.6M9 13.1l5.6 4',
  quota: 'M4 17.5a8.5 8.5 0 1 1 16 0M12 15.5l4-5.5M12 16.5h.01',
  machine: 'M4.5 5h15v6h-15zM4.5 13h15v6h-15zM8 8h.01M8 16h.01M12 8h4M12 16h4',
  transfer: 'M4 8h14M14.5 4.5L18 8l-3.5 3.5M20 16H6M9.5 12.5L6 16l3.5 3.5',
  trash: 'M4.5 7h15M9.5 7V4h5v3M6.5 7l.8 13h9.4l.8-13M10 11v5.5M14 11v5.5',
  plus: 'M12 5v14M5 12h14',
  refresh: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15',
  guide: 'M6 20.5V4M6 5h11.5l-2 3.5 2 3.5H6',
  system: 'M3 12.5h4l2.5-7 4.5 13 2.5-6H21',
  image: 'M4 5h16v14H4zM4 16l5-5 4.5 4.5 2.5-2.5 4 4M15 9.2h.01',
  conversations: 'M3.5 5h12v9H9l-3.5 3v-3h-2zM18 9h2.5v9h-2v3L15 18h-4',
  download: 'M12 4.5v11M7.5 11.5L12 16l4.5-4.5M4.5 19.5h15',
  link: 'M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7L12 17',
  left: 'M14.5 5.5L8 12l6.5 6.5',
  right: 'M9.5 5.5L16 12l-6.5 6.5',
  edit: 'M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5',
  more: 'M5 12h.01M5 11.5v1M12 12h.01M12 11.5v1M19 12h.01M19 11.5v1',
  up: 'M6 14.5l6-6 6 6',
  down: 'M6 9.5l6 6 6-6',
  alert: 'M12 4L2.8 19.5h18.4zM12 10v4.5M12 17h.01',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20.5 20.5',
  filter: 'M4 6h16M7 12h10M10 18h4',
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      style={{ flexShrink: 0 }}
    >
      <path d={SHAPES[name]} />
    </svg>
  );
}
