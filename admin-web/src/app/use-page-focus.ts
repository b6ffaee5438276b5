import { useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { CONTENT_ID } from './skip-link.tsx';

/**
 * A new page begins at its beginning, for keyboards and screen readers too. What the address says besides its path
 * (filters, an open drawer) moves nothing, and a dialog keeps the focus that it took.
 */
export function usePageFocus(): void {
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    if (document.activeElement?.closest('[role="dialog"]')) return;
    document.getElementById(CONTENT_ID)?.focus({ preventScroll: true });
  }, [pathname]);
}
