import { Button, Center, Group, Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { NoMatch } from '../../components/no-match.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { modelsQuery, type Model } from '../../lib/api/models.ts';
import { upstreamsQuery } from '../../lib/api/upstreams.ts';
import { ModelDialog } from './model-dialog.tsx';
import { ModelDrawer } from './model-drawer.tsx';
import { ModelTable } from './model-table.tsx';
import { CLASSES, type ModelsProps, type ModelsSearch } from './models-search.ts';
import { NoModels } from './no-models.tsx';

const SHOWN_AT_ONCE = 50;

/** Every public model, narrowed by name and class; the address carries both, and the model that is open. */
export function ModelsTab(props: ModelsProps): ReactNode {
  const { search, onSearch } = props;
  const models = useQuery(modelsQuery);
  const upstreams = useQuery(upstreamsQuery);
  const open = models.data?.find((model) => model.name === search.model) ?? null;
  return (
    <QueryView query={models}>
      {(rows) => (
        <>
          {rows.length === 0 ? (
            <NoModels hasUpstreams={(upstreams.data ?? []).length > 0} onSearch={onSearch} />
          ) : (
            <Stack gap="md">
              <Filters {...props} />
              <Found key={`${search.search}/${search.class}`} models={narrowed(rows, search)} {...props} />
            </Stack>
          )}
          <ModelDrawer
            name={search.edit ? null : (search.model ?? null)}
            models={rows}
            onEdit={() => onSearch({ ...search, edit: true })}
            onClose={() => onSearch({ ...search, model: undefined })}
          />
          <ModelDialog
            model={search.edit ? open : null}
            creating={search.create === true}
            taken={rows.map(({ name }) => name)}
            onMade={(name) => onSearch({ ...search, create: undefined, model: name })}
            onClose={() => onSearch({ ...search, create: undefined, edit: undefined })}
            onUpstreams={() => onSearch({ tab: 'upstreams', create: true })}
          />
        </>
      )}
    </QueryView>
  );
}

function narrowed(models: readonly Model[], search: ModelsSearch): Model[] {
  const text = search.search?.toLowerCase() ?? '';
  const has = (name: string): boolean => name.toLowerCase().includes(text);
  return models.filter(
    (model) =>
      (search.class === undefined || model.class === search.class) &&
      (has(model.name) || model.routes.some((route) => has(route.upstream) || has(route.model))),
  );
}

function Found({ models, search, onSearch }: ModelsProps & { models: readonly Model[] }): ReactNode {
  const { t } = useTranslation(['models', 'common']);
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  if (models.length === 0) {
    return (
      <NoMatch
        icon="models"
        title={t('noMatch.title')}
        text={t('noMatch.text')}
        clearLabel={t('clearFilters')}
        onClear={() => onSearch({})}
      />
    );
  }
  return (
    <>
      <ModelTable models={models.slice(0, shown)} onOpen={({ name }) => onSearch({ ...search, model: name })} />
      {models.length > shown ? (
        <Center>
          <Button variant="default" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
            {t('common:loadMore')}
          </Button>
        </Center>
      ) : null}
      <Text fz="xs" c="dimmed" role="note">
        {t('count', { count: models.length })}
      </Text>
    </>
  );
}

function Filters({ search, onSearch }: ModelsProps): ReactNode {
  const { t } = useTranslation('models');
  return (
    <Group gap="sm">
      <SearchField
        label={t('search')}
        value={search.search ?? ''}
        onSearch={(text) => onSearch({ ...search, search: text === '' ? undefined : text })}
      />
      <Select
        aria-label={t('class')}
        placeholder={t('allClasses')}
        data={CLASSES.map((name) => ({ value: name, label: t(`classes.${name}`) }))}
        value={search.class ?? null}
        onChange={(chosen) => onSearch({ ...search, class: CLASSES.find((known) => known === chosen) })}
        clearable
        clearButtonProps={{ 'aria-label': t('allClasses') }}
        style={{ flex: '0 1 200px' }}
      />
    </Group>
  );
}
