import { Anchor, Box, Image, Typography } from '@mantine/core';
import { isValidElement } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import ReactMarkdown, { defaultUrlTransform } from 'react-markdown';
import type { Components } from 'react-markdown';
import { shownMedia, withoutPlayers } from '../lib/media-address.ts';
import { CodeBlock } from './code-block.tsx';

/** What a model wrote: no HTML of its own, links that lead out say so, pictures of this gateway alone. */
export function Markdown({ text }: { text: string }): ReactNode {
  return (
    <Typography fz="sm" style={{ overflowWrap: 'anywhere' }}>
      <ReactMarkdown components={COMPONENTS} urlTransform={addressOf}>
        {withoutPlayers(text)}
      </ReactMarkdown>
    </Typography>
  );
}

function addressOf(address: string): string {
  return shownMedia(address)?.kind === 'image' && address.startsWith('data:') ? address : defaultUrlTransform(address);
}

const COMPONENTS: Components = {
  a: ({ href = '', children }) => <Reference href={href}>{children}</Reference>,
  img: ({ src = '', alt = '' }) => <Medium src={String(src)} alt={alt} />,
  pre: ({ children }) => <Listing>{children}</Listing>,
};

function Reference({ href, children }: { href: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation('turns');
  const medium = shownMedia(href);
  if (medium?.kind === 'video') {
    return (
      <Box
        component="video"
        src={medium.src}
        controls
        playsInline
        aria-label={t('video')}
        maw="100%"
        mah={420}
        display="block"
      />
    );
  }
  return (
    <Anchor href={href} target="_blank" rel="noopener noreferrer nofollow" inherit underline="always">
      {children}
    </Anchor>
  );
}

/** A picture of ours or one that came along; any other is a link, so that reading an answer asks no stranger. */
function Medium({ src, alt }: { src: string; alt: string }): ReactNode {
  const { t } = useTranslation('turns');
  const medium = shownMedia(src);
  if (medium?.kind !== 'image') return <Reference href={src}>{alt === '' ? src : alt}</Reference>;
  return (
    <Image
      src={medium.src}
      alt={alt === '' ? t('image') : alt}
      maw={512}
      mah={512}
      w="auto"
      fit="contain"
      radius="md"
    />
  );
}

function Listing({ children }: { children: ReactNode }): ReactNode {
  const { t } = useTranslation('turns');
  return (
    <Box my="sm">
      <CodeBlock text={textOf(children).replace(/\n$/, '')} label={t('code')} />
    </Box>
  );
}

/** The text inside of what Markdown made of a listing. */
function textOf(node: ReactNode): string {
  if (typeof node === 'string' || typeof node === 'number') return String(node);
  if (Array.isArray(node)) return node.map(textOf).join('');
  return isValidElement<{ children?: ReactNode }>(node) ? textOf(node.props.children) : '';
}
