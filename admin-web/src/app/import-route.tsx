import { useNavigate, useSearch } from '@tanstack/react-router';
import { Suspense, lazy, useState } from 'react';
import type { ReactNode } from 'react';
import { may, useSession } from '../lib/api/session.ts';

const ImportDialog = lazy(async () => {
  const { ImportDialog: component } = await import('../features/import/import-dialog.tsx');
  return { default: component };
});

/** The import dialog over whichever page is open, while the address says `import=true`. */
export function ImportRoute(): ReactNode {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const { data: session } = useSession();
  // Loaded when first asked for, and kept from then on so that it can fade out.
  const [wanted, setWanted] = useState(false);
  if (search.import && !wanted) setWanted(true);
  if (!wanted || !may(session, 'configuration:import')) return null;
  return (
    <Suspense>
      <ImportDialog
        opened={search.import === true}
        onClose={() =>
          void navigate({ to: '.', search: (current) => ({ ...current, import: undefined }), replace: true })
        }
      />
    </Suspense>
  );
}
