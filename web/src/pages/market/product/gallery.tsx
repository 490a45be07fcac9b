import { ActionIcon, Modal } from '@mantine/core';
import { ChevronLeftIcon, ChevronRightIcon } from '@radix-ui/react-icons';
import { useState } from 'react';
import type { Picture } from '../../../api/types.ts';
import { mediaUrl } from '../../../components/product-logo.tsx';
import styles from './gallery.module.css';

/** The pictures of a product: small in a row, large on request. */
export function Gallery({ images }: { images: readonly Picture[] }) {
  const [shown, setShown] = useState<number | null>(null);
  const whole = images.flatMap(({ image, alt }) => (image ? [{ image, alt: alt ?? '' }] : []));
  if (whole.length === 0) return null;
  const current = shown === null ? undefined : whole[shown];
  const step = (by: number) =>
    setShown((at) => (at === null ? null : (at + by + whole.length) % whole.length));
  return (
    <>
      <ul className={styles.row} aria-label="Images">
        {whole.map(({ image, alt }, i) => (
          <li key={image.sha256}>
            <button type="button" className={styles.thumb} onClick={() => setShown(i)}>
              <img src={mediaUrl(image.sha256)} alt={alt} loading="lazy" decoding="async" />
            </button>
          </li>
        ))}
      </ul>
      <Modal
        opened={current !== undefined}
        onClose={() => setShown(null)}
        size="xl"
        title={`Image ${(shown ?? 0) + 1} of ${whole.length}`}
        onKeyDown={(event) => {
          if (event.key === 'ArrowRight') step(1);
          if (event.key === 'ArrowLeft') step(-1);
        }}
      >
        {current ? (
          <figure className={styles.large}>
            <img
              src={mediaUrl(current.image.sha256)}
              alt={current.alt}
              width={current.image.width}
              height={current.image.height}
            />
            <figcaption className="row spread">
              <span className="break muted">{current.alt}</span>
              {whole.length > 1 ? (
                <span className="row-nowrap">
                  <ActionIcon variant="default" aria-label="Previous image" onClick={() => step(-1)}>
                    <ChevronLeftIcon />
                  </ActionIcon>
                  <ActionIcon variant="default" aria-label="Next image" onClick={() => step(1)}>
                    <ChevronRightIcon />
                  </ActionIcon>
                </span>
              ) : null}
            </figcaption>
          </figure>
        ) : null}
      </Modal>
    </>
  );
}
