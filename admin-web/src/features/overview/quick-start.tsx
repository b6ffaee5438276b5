import { Anchor, Button, Card, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from '../../components/code-block.tsx';
import { Icon } from '../../components/icon.tsx';
import { callableModelsQuery } from '../../lib/api/callable-models.ts';
import { useFreshKey } from '../../lib/fresh-key.ts';
import { KEY_PLACEHOLDER, MODEL_PLACEHOLDER, curlSnippet, nodeSnippet, pythonSnippet } from '../../lib/snippets.ts';

/** The first request, ready to paste: this host's address, a model that exists, and the key made last in this tab. */
export function QuickStart(): ReactNode {
  const { t } = useTranslation('overview');
  const { data: models } = useQuery(callableModelsQuery);
  const freshKey = useFreshKey();
  const values = {
    origin: window.location.origin,
    apiKey: freshKey ?? KEY_PLACEHOLDER,
    model: models?.find((model) => model.class === 'chat')?.name ?? MODEL_PLACEHOLDER,
  };
  return (
    <Card withBorder padding="lg" h="100%">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="sm">
          <Stack gap={2} style={{ flex: '1 1 240px' }}>
            <Title order={2} fz={16}>
              {t('quickStart.title')}
            </Title>
            <Text c="dimmed" fz="sm">
              {freshKey ? t('quickStart.withKey') : t('quickStart.withoutKey')}
            </Text>
          </Stack>
          {freshKey ? null : (
            <Button
              size="xs"
              leftSection={<Icon name="plus" size={15} />}
              renderRoot={(props) => <Link to="/keys" search={{ create: true }} {...props} />}
            >
              {t('quickStart.createKey')}
            </Button>
          )}
        </Group>
        <Tabs defaultValue="curl" keepMounted={false}>
          <Tabs.List mb="sm">
            <Tabs.Tab value="curl">curl</Tabs.Tab>
            <Tabs.Tab value="node">Node.js</Tabs.Tab>
            <Tabs.Tab value="python">Python</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="curl">
            <CodeBlock label="curl" text={curlSnippet(values)} />
          </Tabs.Panel>
          <Tabs.Panel value="node">
            <CodeBlock label="Node.js" text={nodeSnippet(values)} />
          </Tabs.Panel>
          <Tabs.Panel value="python">
            <CodeBlock label="Python" text={pythonSnippet(values)} />
          </Tabs.Panel>
        </Tabs>
        <Text fz="sm" c="dimmed">
          {t('quickStart.more')}{' '}
          <Anchor fz="sm" underline="always" renderRoot={(props) => <Link to="/connect" {...props} />}>
            {t('quickStart.connect')}
          </Anchor>
        </Text>
      </Stack>
    </Card>
  );
}
