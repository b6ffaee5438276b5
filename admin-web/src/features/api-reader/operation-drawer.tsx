import { Badge, Button, Code, CopyButton, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DetailsDrawer } from '../../components/details-drawer.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { Icon } from '../../components/icon.tsx';
import { Part } from '../../components/part.tsx';
import { may, useSession } from '../../lib/api/session.ts';
import { curlOf } from './curl.ts';
import { MethodBadge } from './method-badge.tsx';
import type { Operation } from './operations.ts';
import { FieldList, SchemaView } from './schema-view.tsx';
import type { Schemas } from './schema.ts';

interface DrawerProps {
  operation: Operation | null;
  schemas: Schemas;
  onClose: () => void;
}

/** One call in full. Open while there is one. */
export function OperationDrawer({ operation, schemas, onClose }: DrawerProps): ReactNode {
  const { t } = useTranslation('apiReader');
  return (
    <DetailsDrawer open={operation} onClose={onClose} size="xl" title={(shown) => shown.tag} closeLabel={t('close')}>
      {(shown) => <OperationDetails key={shown.id} operation={shown} schemas={schemas} />}
    </DetailsDrawer>
  );
}

function OperationDetails({ operation, schemas }: { operation: Operation; schemas: Schemas }): ReactNode {
  const { t } = useTranslation('apiReader');
  const ofPath = operation.parameters.filter((parameter) => parameter.in === 'path');
  const ofQuery = operation.parameters.filter((parameter) => parameter.in === 'query');
  return (
    <Stack gap="xl" pb="xl">
      <Stack gap="sm">
        <Title order={2} fz={20}>
          {operation.summary}
        </Title>
        <Group gap="sm" align="baseline">
          <MethodBadge method={operation.method} />
          <Text ff="monospace" fz="sm" style={{ overflowWrap: 'anywhere' }} miw={0}>
            {operation.path}
          </Text>
        </Group>
        <Caller caller={operation.caller} />
        <CopyLink />
      </Stack>
      <Part title={t('asCurl')}>
        <CodeBlock label={t('asCurl')} text={curlOf(operation, { origin: window.location.origin, schemas })} />
        {operation.caller.kind === 'session' ? (
          <Text fz="xs" c="dimmed">
            {t('tokenHint')}
          </Text>
        ) : null}
      </Part>
      <Parameters title={t('pathParameters')} parameters={ofPath} schemas={schemas} />
      <Parameters title={t('queryParameters')} parameters={ofQuery} schemas={schemas} />
      {operation.body ? (
        <Part title={t(operation.isBodyRequired ? 'body' : 'optionalBody')}>
          <SchemaView schema={operation.body} schemas={schemas} />
        </Part>
      ) : null}
      {operation.answers.map((answer) => (
        <Part
          key={answer.status}
          title={answer.status === 'default' ? t('failure') : t('answer', { status: answer.status })}
        >
          {answer.schema ? (
            <SchemaView schema={answer.schema} schemas={schemas} />
          ) : (
            <Text fz="sm" c="dimmed">
              {t(answer.status === 'default' ? 'ownErrors' : 'noBody')}
            </Text>
          )}
        </Part>
      ))}
    </Stack>
  );
}

function Parameters(props: { title: string; parameters: Operation['parameters']; schemas: Schemas }): ReactNode {
  if (props.parameters.length === 0) return null;
  const fields = props.parameters.map(({ name, required, description, schema }) => ({
    name,
    isRequired: required,
    schema: description === undefined ? schema : { ...schema, description },
  }));
  return (
    <Part title={props.title}>
      <FieldList fields={fields} schemas={props.schemas} depth={0} />
    </Part>
  );
}

/** Who may call it, and whether the reader may. */
function Caller({ caller }: { caller: Operation['caller'] }): ReactNode {
  const { t } = useTranslation('apiReader');
  const { data: session } = useSession();
  if (caller.kind !== 'session' || caller.permission === null) {
    return <Text fz="sm">{t(`callers.${caller.kind}`)}</Text>;
  }
  const allowed = may(session, caller.permission);
  return (
    <Group gap="sm">
      <Text fz="sm">
        {t('right')} <Code>{caller.permission}</Code>
      </Text>
      <Badge variant="light" color={allowed ? 'green' : 'gray'}>
        {t(allowed ? 'youMay' : 'youMayNot')}
      </Badge>
    </Group>
  );
}

function CopyLink(): ReactNode {
  const { t } = useTranslation('apiReader');
  return (
    <CopyButton value={window.location.href} timeout={2000}>
      {({ copied, copy }) => (
        <Button
          size="xs"
          variant="default"
          style={{ alignSelf: 'flex-start' }}
          leftSection={<Icon name={copied ? 'check' : 'copy'} size={15} />}
          onClick={copy}
        >
          {t(copied ? 'linkCopied' : 'copyLink')}
        </Button>
      )}
    </CopyButton>
  );
}
