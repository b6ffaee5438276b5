import {
  Alert,
  Anchor,
  Card,
  Group,
  NavLink,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../components/copy-button.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { callableModelsQuery } from '../../lib/api/callable-models.ts';
import { useFreshKey } from '../../lib/fresh-key.ts';
import { KEY_PLACEHOLDER, MODEL_PLACEHOLDER } from '../../lib/snippets.ts';
import { FIRST_TOOL, type ConnectSearch, type ToolId } from './connect-search.ts';
import { KeyCard } from './key-card.tsx';
import { SnippetView } from './snippet-view.tsx';
import { TOOL_KINDS, TOOLS, toolOf, type Tool } from './tools.ts';

interface PageProps {
  search: ConnectSearch;
  onSearch: (search: ConnectSearch) => void;
}

/** Snippets for every SDK and program, with this gateway's address, a key and a model in them. */
export function ConnectPage({ search, onSearch }: PageProps): ReactNode {
  const { t } = useTranslation('connect');
  const nameOf = useToolName();
  const tool = toolOf(search.tool ?? FIRST_TOOL);
  if (!tool) return null;
  const choose = ({ id }: Tool): void => onSearch({ ...search, tool: id });
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      <Stack gap="lg">
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <KeyCard />
          <AddressCard tool={tool} search={search} onSearch={onSearch} />
        </SimpleGrid>
        <Select
          hiddenFrom="md"
          label={t('tool')}
          allowDeselect={false}
          value={tool.id}
          onChange={(id) => choose(toolOf(id ?? '') ?? tool)}
          data={TOOL_KINDS.map((kind) => ({
            group: t(`kinds.${kind}`),
            items: TOOLS[kind].map((one) => ({ value: one.id, label: nameOf(one) })),
          }))}
        />
        <Group align="flex-start" gap="lg" wrap="nowrap">
          <ToolMenu chosen={tool.id} onChoose={choose} />
          <ToolView tool={tool} search={search} onSearch={onSearch} />
        </Group>
      </Stack>
    </>
  );
}

/** Names are proper names but for the last two. */
function useToolName(): (tool: Tool) => string {
  const { t } = useTranslation('connect');
  return ({ id, name }) => (id === 'other' || id === 'images' ? t(id) : name);
}

function ToolMenu({ chosen, onChoose }: { chosen: ToolId; onChoose: (tool: Tool) => void }): ReactNode {
  const { t } = useTranslation('connect');
  const nameOf = useToolName();
  return (
    <Stack component="nav" aria-label={t('tool')} visibleFrom="md" gap={2} w={220} style={{ flexShrink: 0 }}>
      {TOOL_KINDS.map((kind) => (
        <Stack key={kind} gap={2} role="group" aria-label={t(`kinds.${kind}`)}>
          <Text fz="xs" fw={600} c="dimmed" px="sm" pt="sm" aria-hidden>
            {t(`kinds.${kind}`)}
          </Text>
          {TOOLS[kind].map((tool) => (
            <NavLink
              key={tool.id}
              component="button"
              type="button"
              label={nameOf(tool)}
              active={tool.id === chosen}
              aria-current={tool.id === chosen ? 'true' : undefined}
              fw={tool.id === chosen ? 600 : 400}
              py={6}
              onClick={() => onChoose(tool)}
            />
          ))}
        </Stack>
      ))}
    </Stack>
  );
}

function AddressCard({ tool, search, onSearch }: PageProps & { tool: Tool }): ReactNode {
  const { t } = useTranslation('connect');
  const model = useModel(tool, search.model);
  return (
    <Card withBorder padding="lg" h="100%">
      <Stack gap="sm">
        <Title order={2} fz={16}>
          {t('address.title')}
        </Title>
        <Group justify="space-between" gap="sm" wrap="nowrap">
          <Text ff="monospace" fz="sm" style={{ overflowWrap: 'anywhere' }}>
            {window.location.origin}
          </Text>
          <CopyButton value={window.location.origin} />
        </Group>
        <Select
          label={t('model')}
          placeholder={t('noModel')}
          data={model.names}
          value={model.chosen}
          onChange={(name) => onSearch({ ...search, model: name ?? undefined })}
          allowDeselect={false}
          searchable
          limit={100}
          nothingFoundMessage={t('noSuchModel')}
        />
      </Stack>
    </Card>
  );
}

/** The models that this tool may ask for, and which of them is chosen: by the address, else the first. */
function useModel(tool: Tool, wanted: string | undefined): { names: string[]; chosen: string | null } {
  const { data: models = [] } = useQuery(callableModelsQuery);
  const names = models
    .filter((model) => (tool.draws ? model.class === 'image' : model.class === 'chat' || model.class === 'heavy'))
    .map(({ name }) => name);
  return { names, chosen: wanted !== undefined && names.includes(wanted) ? wanted : (names[0] ?? null) };
}

function ToolView({ tool, search, onSearch }: PageProps & { tool: Tool }): ReactNode {
  const { t } = useTranslation('connect');
  const nameOf = useToolName();
  const { chosen } = useModel(tool, search.model);
  const freshKey = useFreshKey();
  const snippets = tool.write({
    origin: window.location.origin,
    apiKey: freshKey ?? KEY_PLACEHOLDER,
    model: chosen ?? MODEL_PLACEHOLDER,
    stream: search.whole !== true,
  });
  return (
    <Stack gap="md" style={{ flex: 1 }} miw={0}>
      <Group justify="space-between" gap="sm">
        <Title order={2} fz={20}>
          {nameOf(tool)}
        </Title>
        {tool.streams ? (
          <SegmentedControl
            size="xs"
            aria-label={t('answer')}
            value={search.whole ? 'whole' : 'stream'}
            onChange={(choice) => onSearch({ ...search, whole: choice === 'whole' ? true : undefined })}
            data={[
              { value: 'stream', label: t('stream') },
              { value: 'whole', label: t('whole') },
            ]}
          />
        ) : null}
      </Group>
      {tool.noted ? (
        <Text fz="sm" c="dimmed">
          {t(`notes.${tool.noted}`)}
        </Text>
      ) : null}
      {chosen === null ? (
        <Alert color="yellow" variant="light">
          {t(tool.draws ? 'noImageModel' : 'noChatModel')}
        </Alert>
      ) : null}
      {snippets.map((snippet) => (
        <SnippetView key={snippet.title} snippet={snippet} />
      ))}
      <Text fz="sm" c="dimmed">
        {t('tryIt')}{' '}
        <Anchor fz="sm" underline="always" renderRoot={(props) => <Link to="/playground" {...props} />}>
          {t('playground')}
        </Anchor>
      </Text>
    </Stack>
  );
}
