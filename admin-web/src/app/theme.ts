import { Badge, Code, Drawer, Modal, NavLink, createTheme } from '@mantine/core';
import type { CSSVariablesResolver, MantineColorsTuple } from '@mantine/core';

/** Water, from foam to deep. White text on step 7 has a contrast of 5.4 : 1. */
const water: MantineColorsTuple = [
  '#ecfafd',
  '#d3f1f7',
  '#a9e2ee',
  '#74d0e2',
  '#43bcd4',
  '#1fa5c0',
  '#0d8ba6',
  '#0e7490',
  '#155e75',
  '#164e63',
];

/** System fonts only, with the Chinese ones named, so that nothing is fetched and nothing jumps. */
const FONTS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

const DIALOG_TITLE = { title: { fontWeight: 650, fontSize: 17 } };

export const theme = createTheme({
  colors: { water },
  primaryColor: 'water',
  primaryShade: { light: 7, dark: 7 },
  autoContrast: true,
  fontFamily: FONTS,
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontFamily: FONTS, fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Words in badges are read, not shouted; Chinese has no capitals anyway.
    // A badge keeps its words whole: the column beside it gives way.
    Badge: Badge.extend({
      styles: { root: { textTransform: 'none', minWidth: 'max-content' }, label: { fontWeight: 600 } },
    }),
    Code: Code.extend({
      vars: () => ({ root: { '--code-bg': 'light-dark(var(--mantine-color-gray-1), var(--mantine-color-dark-8))' } }),
    }),
    NavLink: NavLink.extend({ styles: { root: { borderRadius: 'var(--mantine-radius-md)' } } }),
    Modal: Modal.extend({ styles: DIALOG_TITLE }),
    Drawer: Drawer.extend({ styles: DIALOG_TITLE }),
  },
});

/** Where the kit's own shades are too pale to read (WCAG AA asks for 4.5 : 1), darker or lighter ones. */
export const readableColors: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5b636b',
    '--mantine-color-placeholder': '#6b747d',
    '--mantine-color-error': '#c22525',
    '--mantine-color-green-light-color': '#1d6b31',
    '--mantine-color-yellow-light-color': '#7a4a00',
    '--mantine-color-orange-light-color': '#9a3a0a',
    '--mantine-color-red-light-color': '#b02323',
    '--mantine-color-gray-light-color': '#495057',
  },
  dark: {
    '--mantine-color-dimmed': '#a3a3a3',
    '--mantine-color-placeholder': '#8f8f8f',
    '--mantine-color-anchor': '#74d0e2',
    '--mantine-color-green-light': 'rgba(64, 192, 87, 0.16)',
    '--mantine-color-green-light-color': '#69db7c',
    '--mantine-color-yellow-light': 'rgba(250, 176, 5, 0.14)',
    '--mantine-color-yellow-light-color': '#ffd43b',
    '--mantine-color-orange-light': 'rgba(253, 126, 20, 0.16)',
    '--mantine-color-orange-light-color': '#ffa94d',
    '--mantine-color-red-light': 'rgba(250, 82, 82, 0.16)',
    '--mantine-color-red-light-color': '#ff9b9b',
    '--mantine-color-gray-light': 'rgba(173, 181, 189, 0.16)',
    '--mantine-color-gray-light-color': '#ced4da',
    '--mantine-color-water-light': 'rgba(67, 188, 212, 0.16)',
    '--mantine-color-water-light-color': '#74d0e2',
  },
});
