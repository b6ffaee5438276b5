import { Anchor } from '@mantine/core';
import { useFocusWithin } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** Where the page itself begins. */
export const CONTENT_ID = 'content';

/** The first thing that the tab key reaches: past header and menu. Seen only while it has the focus. */
export function SkipLink(): ReactNode {
  const { t } = useTranslation();
  const { ref, focused } = useFocusWithin<HTMLDivElement>();
  return (
    <div ref={ref} style={focused ? SHOWN : HIDDEN}>
      <Anchor
        href={`#${CONTENT_ID}`}
        fw={600}
        onClick={(event) => {
          // The address stays: it carries what the page shows.
          event.preventDefault();
          document.getElementById(CONTENT_ID)?.focus();
        }}
      >
        {t('skipToContent')}
      </Anchor>
    </div>
  );
}

const PLACE = { position: 'fixed', top: 8, left: 8, zIndex: 500 } as const;
const SHOWN = {
  ...PLACE,
  padding: '8px 14px',
  borderRadius: 'var(--mantine-radius-md)',
  background: 'var(--mantine-color-body)',
  boxShadow: 'var(--mantine-shadow-md)',
} as const;
const HIDDEN = { ...PLACE, width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' } as const;
