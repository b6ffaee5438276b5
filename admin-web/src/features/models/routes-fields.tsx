import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import type { Upstream } from '../../lib/api/upstreams.ts';
import { emptyRoute, moveRoute, type ModelForm } from './model-form.ts';
import { RouteFields } from './route-fields.tsx';

const MOST_ROUTES = 50;

/** Who is asked for the model, one card each, in the order in which they are. */
export function RoutesFields(props: { form: UseFormReturnType<ModelForm>; upstreams: readonly Upstream[] }): ReactNode {
  const { t } = useTranslation('models');
  const { form, upstreams } = props;
  const { routes } = form.values;
  const put = (next: ModelForm['routes']): void => {
    // Errors belong to places, which change.
    form.clearErrors();
    form.setFieldValue('routes', next);
  };
  return (
    <Stack gap="sm" component="section" aria-label={t('routes')}>
      <Stack gap={2}>
        <Title order={3} fz={16}>
          {t('routes')}
        </Title>
        <Text fz="sm" c="dimmed">
          {t('routesHint')}
        </Text>
      </Stack>
      {routes.map((route, index) => (
        <RouteFields
          key={route.id}
          form={form}
          index={index}
          upstreams={upstreams}
          onMove={(to) => put(moveRoute(routes, index, to))}
          onRemove={() => put(routes.filter((_one, at) => at !== index))}
        />
      ))}
      {form.errors['routes'] ? (
        <Alert color="red" variant="light">
          {form.errors['routes']}
        </Alert>
      ) : null}
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="plus" size={15} />}
          disabled={routes.length >= MOST_ROUTES}
          onClick={() => put([...routes, emptyRoute(routes, upstreams.length === 1 ? upstreams[0]?.name : '')])}
        >
          {t('addRoute')}
        </Button>
      </Group>
    </Stack>
  );
}
