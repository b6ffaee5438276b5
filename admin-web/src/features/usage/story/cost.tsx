import { Alert, Badge, Group, Stack, Table, Text } from '@mantine/core';
import type { UsageStory } from '@sluice/contract/usage-story';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { localeOf } from '../../../lib/language.ts';
import { useFormat } from '../../../lib/use-format.ts';
import { isPart, usedParts } from '../used-parts.ts';
import { Part } from '../../../components/part.tsx';
import { preciseMoney } from './precise-money.ts';

type Row = NonNullable<UsageStory['row']>;
type Line = NonNullable<UsageStory['price']>['lines'][number];

/** What was used, by part, at which price, and what that comes to; where the figures are from and what was held. */
export function Cost({ story, row }: { story: UsageStory; row: Row }): ReactNode {
  const { t } = useTranslation('usage');
  const { price } = story;
  return (
    <Part title={t('consumption')} {...(price ? { hint: t('priceVersion', { version: price.version }) } : {})}>
      <CostTable story={story} row={row} />
      <Stack gap={6}>
        <Group gap="xs" align="flex-start" wrap="nowrap">
          <Badge variant="light" color={row.source === 'reported' ? 'green' : 'yellow'}>
            {t(`sources.${row.source}`)}
          </Badge>
          <Text fz="sm" c="dimmed">
            {t(`story.sourceTexts.${row.source}`)}
          </Text>
        </Group>
        <Settled story={story} row={row} />
      </Stack>
      {story.late ? <Late late={story.late} /> : null}
    </Part>
  );
}

function CostTable({ story, row }: { story: UsageStory; row: Row }): ReactNode {
  const { t, i18n } = useTranslation('usage');
  const format = useFormat();
  const { price } = story;
  const priced: Line[] = price?.lines ?? [];
  // Parts of which nothing was used are left out; without a price the amounts are all there is to tell.
  const lines =
    priced.length > 0
      ? priced
      : usedParts(row.parts).map(({ part, amount }) => ({ part, count: amount, rate_micros: 0, per: 1, micros: 0 }));
  const isPriced = priced.length > 0;
  return (
    <Table.ScrollContainer minWidth={320} type="native">
      <Table fz="sm" verticalSpacing={6} captionSide="top">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('story.part')}</Table.Th>
            <Table.Th ta="end">{t('story.amount')}</Table.Th>
            {isPriced ? <Table.Th ta="end">{t('price')}</Table.Th> : null}
            {isPriced ? <Table.Th ta="end">{t('cost')}</Table.Th> : null}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={line.part}>
              <Table.Td>{isPart(line.part) ? t(`parts.${line.part}`) : t('story.perRequest')}</Table.Td>
              <Table.Td ta="end">{format.count(line.count)}</Table.Td>
              {isPriced ? (
                <Table.Td ta="end">
                  {`× ${format.money(line.rate_micros)}`}
                  {line.per === 1 ? '' : <Text span c="dimmed" fz="xs">{` ${t('story.perMillion')}`}</Text>}
                </Table.Td>
              ) : null}
              {isPriced ? <Table.Td ta="end">{preciseMoney(line.micros, localeOf(i18n.language))}</Table.Td> : null}
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Table.Tfoot>
          <Table.Tr>
            <Table.Th>{t('story.charged')}</Table.Th>
            <Table.Th ta="end">{format.count(row.total_tokens)}</Table.Th>
            {isPriced ? <Table.Th /> : null}
            <Table.Th ta="end">{format.money(row.cost_micros)}</Table.Th>
          </Table.Tr>
        </Table.Tfoot>
      </Table>
    </Table.ScrollContainer>
  );
}

function Settled({ story, row }: { story: UsageStory; row: Row }): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  const { price } = story;
  const said = [
    price === null ? t('story.noPrice') : t('story.versionText', { version: price.version }),
    ...(price?.tier_above ? [t('story.tier', { tokens: format.count(price.tier_above) })] : []),
    ...(price && price.sum_micros !== row.cost_micros
      ? [t('story.otherSum', { sum: format.money(price.sum_micros), cost: format.money(row.cost_micros) })]
      : []),
    t('story.estimate', { estimate: format.count(story.input_estimate), actual: format.count(row.input_tokens) }),
    t(story.limited ? 'story.limited' : 'story.unlimited'),
  ];
  return (
    <>
      {said.map((text) => (
        <Text key={text} fz="sm" c="dimmed">
          {text}
        </Text>
      ))}
    </>
  );
}

function Late({ late }: { late: NonNullable<UsageStory['late']> }): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  return (
    <Alert color="yellow" variant="light" title={t('story.late.title')}>
      {t('story.late.text', {
        cost: format.money(late.cost_micros),
        tokens: format.count(late.input_tokens + late.output_tokens),
      })}
    </Alert>
  );
}
