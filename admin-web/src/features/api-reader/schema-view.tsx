import { Badge, Box, Button, Code, Collapse, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from './api/openapi.ts';
import { boundsOf, fieldsOf, typeText, withoutNull, type Field, type Schemas } from './schema.ts';

/** What a body or an answer holds, field by field; what is nested opens where somebody asks for it. */
export function SchemaView({ schema, schemas }: { schema: Schema; schemas: Schemas }): ReactNode {
  const fields = fieldsOf(schema, schemas);
  const { description } = withoutNull(schema, schemas).schema;
  return (
    <Stack gap="xs">
      <Text fz="sm" c="dimmed">
        <Code>{typeText(schema, schemas)}</Code>
        {description ? ` ${description}` : ''}
      </Text>
      {fields.length > 0 ? <FieldList fields={fields} schemas={schemas} depth={0} /> : null}
    </Stack>
  );
}

export function FieldList(props: { fields: readonly Field[]; schemas: Schemas; depth: number }): ReactNode {
  return (
    <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
      {props.fields.map((field) => (
        <FieldRow key={field.name} field={field} schemas={props.schemas} depth={props.depth} />
      ))}
    </Stack>
  );
}

const OPEN_DEPTH = 1;

function FieldRow({ field, schemas, depth }: { field: Field; schemas: Schemas; depth: number }): ReactNode {
  const { t } = useTranslation('apiReader');
  const { schema } = withoutNull(field.schema, schemas);
  const nested = fieldsOf(field.schema, schemas);
  const [opened, { toggle }] = useDisclosure(depth < OPEN_DEPTH && nested.length > 0 && nested.length <= 8);
  const bounds = boundsOf(schema);
  return (
    <Box component="li">
      <Group gap={8} align="baseline">
        <Text fz="sm" fw={600} ff="monospace" span style={{ overflowWrap: 'anywhere' }}>
          {field.name === '*' ? t('anyName') : field.name}
        </Text>
        <Text fz="xs" c="dimmed" ff="monospace" span style={{ overflowWrap: 'anywhere' }}>
          {typeText(field.schema, schemas)}
        </Text>
        {field.isRequired ? (
          <Badge size="xs" variant="light" color="orange">
            {t('required')}
          </Badge>
        ) : null}
      </Group>
      {schema.description ? <Text fz="sm">{schema.description}</Text> : null}
      {bounds !== null || schema.default !== undefined ? (
        <Text fz="xs" c="dimmed">
          {[
            bounds && t(`bounds.${bounds.of}`, { range: bounds.range }),
            schema.default === undefined ? null : t('preset', { value: JSON.stringify(schema.default) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </Text>
      ) : null}
      {nested.length > 0 ? (
        <>
          <Button variant="subtle" size="compact-xs" mt={2} aria-expanded={opened} onClick={toggle}>
            {t(opened ? 'hideFields' : 'showFields', { count: nested.length })}
          </Button>
          <Collapse expanded={opened}>
            {opened ? (
              <Box pl="md" mt={6} style={{ borderInlineStart: '2px solid var(--mantine-color-default-border)' }}>
                <FieldList fields={nested} schemas={schemas} depth={depth + 1} />
              </Box>
            ) : null}
          </Collapse>
        </>
      ) : null}
    </Box>
  );
}
