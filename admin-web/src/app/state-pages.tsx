import { Button, Center, Container, Group, Loader } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../components/error-state.tsx';
import { PageHeader } from '../components/page-header.tsx';

/** An address that the console does not have, or not for whoever is logged in; the menu stays around it. */
export function MissingPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t('missing.title')} intro={t('missing.text')} />
      <Group>
        <Button renderRoot={(props) => <Link to="/" {...props} />}>{t('missing.home')}</Button>
      </Group>
    </>
  );
}

/** A page that could not be brought up, with a way to try again. */
export function FailedPage({ error, reset }: ErrorComponentProps): ReactNode {
  const router = useRouter();
  const retry = (): void => {
    reset();
    void router.invalidate();
  };
  return (
    <Container size="sm" py="xl">
      <ErrorState error={error} onRetry={retry} />
    </Container>
  );
}

export function WaitingPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <Center mih={200} role="status" aria-busy aria-label={t('loading')}>
      <Loader />
    </Center>
  );
}
