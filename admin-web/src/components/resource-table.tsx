import { Anchor, Box, Card, Checkbox, Group, Stack, Table, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';

interface Column<Row> {
  key: string;
  header: string;
  render: (row: Row) => ReactNode;
  align?: 'end';
  /** Short values that must not break, such as dates. */
  nowrap?: boolean;
}

/** Rows that something is to be done with, by their keys. */
interface RowSelection<Row> {
  selected: ReadonlySet<string>;
  onChange: (selected: ReadonlySet<string>) => void;
  /** Name of the checkbox of a row, and of the one that stands for all rows shown. */
  label: (row: Row) => string;
  allLabel: string;
}

export interface ResourceTableProps<Row> {
  /** Read by screen readers only. */
  caption: string;
  rows: readonly Row[];
  /** The first column names the row; on a phone it heads the row's card. */
  columns: readonly [Column<Row>, ...Column<Row>[]];
  rowKey: (row: Row) => string;
  /** Opens the row; its name becomes a link-like button. */
  onOpen?: (row: Row) => void;
  actions?: (row: Row) => ReactNode;
  /** Header of the actions column, for screen readers. */
  actionsLabel?: string;
  /** Gives each row a checkbox. */
  selection?: RowSelection<Row>;
}

/** Where a table stops being readable and each row becomes a card (Mantine's `sm`). */
const PHONE = '(max-width: 47.99em)';

/** The console's one table: rows with columns on a desk, cards on a phone. */
export function ResourceTable<Row>(props: ResourceTableProps<Row>): ReactNode {
  const phone = useMediaQuery(PHONE, undefined, { getInitialValueInEffect: false });
  return phone ? <RowCards {...props} /> : <RowTable {...props} />;
}

function RowTable<Row>(props: ResourceTableProps<Row>): ReactNode {
  return (
    <Card withBorder p={0}>
      <Table.ScrollContainer minWidth={640} type="native">
        <Table verticalSpacing="sm" horizontalSpacing="md" highlightOnHover fz="sm" captionSide="top">
          <caption style={VISUALLY_HIDDEN}>{props.caption}</caption>
          <Table.Thead>
            <Table.Tr>
              {props.selection ? (
                <Table.Th w={40} pe={0}>
                  <AllCheckbox {...props} selection={props.selection} />
                </Table.Th>
              ) : null}
              {props.columns.map((column) => (
                <Table.Th
                  key={column.key}
                  ta={column.align ?? 'start'}
                  c="dimmed"
                  fw={500}
                  style={{ whiteSpace: 'nowrap' }}
                >
                  {column.header}
                </Table.Th>
              ))}
              {props.actions ? (
                <Table.Th>
                  <span style={VISUALLY_HIDDEN}>{props.actionsLabel}</span>
                </Table.Th>
              ) : null}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {props.rows.map((row) => (
              <Table.Tr key={props.rowKey(row)} {...selectedProps(props, row)}>
                {props.selection ? (
                  <Table.Td pe={0}>
                    <RowCheckbox {...props} selection={props.selection} row={row} />
                  </Table.Td>
                ) : null}
                {props.columns.map((column, index) => (
                  <Table.Td key={column.key} ta={column.align ?? 'start'} {...(column.nowrap ? { style: NOWRAP } : {})}>
                    {index === 0 ? <RowName row={row} {...props} /> : column.render(row)}
                  </Table.Td>
                ))}
                {props.actions ? <Table.Td ta="end">{props.actions(row)}</Table.Td> : null}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

function RowCards<Row>(props: ResourceTableProps<Row>): ReactNode {
  const details = props.columns.slice(1);
  const { selection } = props;
  return (
    <Stack gap="sm">
      {selection ? <AllCheckbox {...props} selection={selection} withText /> : null}
      <CardList {...props} details={details} />
    </Stack>
  );
}

function CardList<Row>(props: ResourceTableProps<Row> & { details: readonly Column<Row>[] }): ReactNode {
  const { selection, details } = props;
  return (
    <Stack gap="sm" component="ul" p={0} m={0} aria-label={props.caption} style={{ listStyle: 'none' }}>
      {props.rows.map((row) => (
        <Card key={props.rowKey(row)} component="li" withBorder padding="md">
          <Group mb={8} gap="sm" wrap="nowrap" align="flex-start">
            {selection ? <RowCheckbox {...props} selection={selection} row={row} /> : null}
            <Box fw={600} miw={0}>
              <RowName row={row} {...props} />
            </Box>
          </Group>
          <Stack gap={6}>
            {details.map((column) => (
              <Group key={column.key} justify="space-between" align="flex-start" wrap="nowrap" gap="md" fz="sm">
                <Text c="dimmed" fz="sm" style={{ flexShrink: 0 }}>
                  {column.header}
                </Text>
                <Box ta="end" miw={0} style={{ overflowWrap: 'anywhere' }}>
                  {column.render(row)}
                </Box>
              </Group>
            ))}
          </Stack>
          {props.actions ? <Box mt="sm">{props.actions(row)}</Box> : null}
        </Card>
      ))}
    </Stack>
  );
}

/** Pale enough that dimmed text and badges stay readable on it in the dark. */
const CHOSEN = 'color-mix(in srgb, var(--mantine-primary-color-light) 40%, transparent)';

function selectedProps<Row>({ selection, rowKey }: ResourceTableProps<Row>, row: Row) {
  return selection?.selected.has(rowKey(row)) ? { bg: CHOSEN } : {};
}

function RowCheckbox<Row>(props: ResourceTableProps<Row> & { selection: RowSelection<Row>; row: Row }): ReactNode {
  const { selection, row } = props;
  const key = props.rowKey(row);
  const toggle = (): void => {
    const next = new Set(selection.selected);
    if (!next.delete(key)) next.add(key);
    selection.onChange(next);
  };
  return <Checkbox aria-label={selection.label(row)} checked={selection.selected.has(key)} onChange={toggle} />;
}

/** Stands for the rows that are shown; what is not loaded yet is not meant. */
function AllCheckbox<Row>(
  props: ResourceTableProps<Row> & { selection: RowSelection<Row>; withText?: boolean },
): ReactNode {
  const { selection, rows, rowKey } = props;
  const chosen = rows.filter((row) => selection.selected.has(rowKey(row))).length;
  const all = rows.length > 0 && chosen === rows.length;
  return (
    <Checkbox
      {...(props.withText ? { label: selection.allLabel } : { 'aria-label': selection.allLabel })}
      checked={all}
      indeterminate={chosen > 0 && !all}
      onChange={() => selection.onChange(new Set(all ? [] : rows.map(rowKey)))}
    />
  );
}

function RowName<Row>({ row, columns, onOpen }: ResourceTableProps<Row> & { row: Row }): ReactNode {
  const name = columns[0].render(row);
  if (!onOpen) return name;
  return (
    <Anchor component="button" type="button" fz="sm" ta="start" onClick={() => onOpen(row)}>
      {name}
    </Anchor>
  );
}

const NOWRAP = { whiteSpace: 'nowrap' } as const;

const VISUALLY_HIDDEN = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
} as const;
