import { useNavigate, useSearch } from '@tanstack/react-router';
import { Suspense, lazy } from 'react';
import type { ReactNode } from 'react';
import { isOperator, useSession } from '../lib/api/session.ts';

const ImportDialog = lazy(async () => {
  const { ImportDialog: component } = await import('../features/import/import-dialog.tsx');
  return { default: component };
});

/** The import dialog over whichever page is open, while the address says `import=true`. */
export function ImportRoute(): ReactNode {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const { data: session } = useSession();
  if (!isOperator(session)) return null;
  return (
    <Suspense>
      <ImportDialog
        opened={search.import === true}
        onClose={() => void navigate({ to: '.', search: ({ import: _, ...rest }) => rest, replace: true })}
      />
    </Suspense>
  );
}
