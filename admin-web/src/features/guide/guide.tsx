import { Accordion, Card, Group, Progress, Stack, Text, ThemeIcon, Title, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { CredentialStep } from './credential-step.tsx';
import { KeyStep } from './key-step.tsx';
import { LogStep } from './log-step.tsx';
import { RequestStep } from './request-step.tsx';
import { nextStep, type Step, type StepName } from './steps.ts';
import type { GuideState } from './use-guide.ts';

/** The way to the first request. Steps tick by themselves; the next one opens, and none closes over what it shows. */
export function Guide({ guide, aside }: { guide: GuideState; aside?: ReactNode }): ReactNode {
  const { t } = useTranslation('guide');
  const { steps } = guide;
  const next = nextStep(steps);
  const [opened, setOpened] = useState<readonly StepName[]>(next ? [next] : []);
  const [reached, setReached] = useState(next);
  if (next !== reached) {
    setReached(next);
    if (next !== null && !opened.includes(next)) setOpened([...opened, next]);
  }
  const done = steps.filter((step) => step.done).length;
  return (
    <Card withBorder padding="lg">
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" gap="sm">
          <Stack gap={2} style={{ flex: '1 1 260px' }}>
            <Title order={2} fz={18}>
              {t(next === null ? 'done.title' : 'title')}
            </Title>
            <Text fz="sm" c="dimmed">
              {t(next === null ? 'done.text' : 'intro')}
            </Text>
          </Stack>
          {aside}
        </Group>
        <Group gap="sm" wrap="nowrap">
          <Progress
            value={(done / steps.length) * 100}
            style={{ flex: 1 }}
            aria-label={t('progress', { done, all: steps.length })}
          />
          <Text fz="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }} aria-hidden>
            {t('progress', { done, all: steps.length })}
          </Text>
        </Group>
        <Accordion
          multiple
          order={3}
          variant="separated"
          value={[...opened]}
          onChange={(names) => setOpened(steps.map(({ name }) => name).filter((name) => names.includes(name)))}
        >
          {steps.map((step, index) => (
            <StepItem key={step.name} step={step} place={index + 1} guide={guide} />
          ))}
        </Accordion>
      </Stack>
    </Card>
  );
}

function StepItem({ step, place, guide }: { step: Step; place: number; guide: GuideState }): ReactNode {
  const { t } = useTranslation('guide');
  return (
    <Accordion.Item value={step.name}>
      <Accordion.Control
        icon={
          <ThemeIcon
            radius="xl"
            size={30}
            variant={step.done ? 'filled' : 'light'}
            color={step.done ? 'green.9' : 'water'}
          >
            {step.done ? <Icon name="check" size={17} /> : place}
          </ThemeIcon>
        }
      >
        <Text fw={600} fz="sm">
          {t(`${step.name}.title`)}
          <VisuallyHidden> ({t(step.done ? 'stepDone' : 'stepOpen')})</VisuallyHidden>
        </Text>
      </Accordion.Control>
      <Accordion.Panel>
        <StepBody name={step.name} guide={guide} />
      </Accordion.Panel>
    </Accordion.Item>
  );
}

function StepBody({ name, guide }: { name: StepName; guide: GuideState }): ReactNode {
  switch (name) {
    case 'credential':
      return <CredentialStep upstreams={guide.facts.upstreams} />;
    case 'key':
      return <KeyStep keys={guide.facts.keys} />;
    case 'request':
      return <RequestStep />;
    case 'log':
      return <LogStep request={guide.facts.lastRequest} onSeen={() => guide.putAway('finished')} />;
  }
}
