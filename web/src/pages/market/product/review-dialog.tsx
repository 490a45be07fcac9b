import { Button, Checkbox, Modal, Select } from '@mantine/core';
import { feedbackLimits } from '@souk/contract/community-limits';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { refreshFeedback } from '../../../api/queries/feedback.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { CatalogProduct, MyReview } from '../../../api/types.ts';
import { TextField } from '../../../components/form-field.tsx';
import { ErrorNotice } from '../../../components/states.tsx';
import { toast } from '../../../components/toast.ts';

interface Props {
  readonly product: CatalogProduct;
  readonly mine: MyReview;
  readonly onClose: () => void;
}

const words = ['', '1: does not work', '2: poor', '3: useful', '4: good', '5: excellent'];

/** The account's one review: written, edited, taken back. */
export function ReviewDialog({ product, mine, onClose }: Props) {
  const { publisher, slug, title: name } = product.item;
  const own = mine.review;
  const [rating, setRating] = useState<string | null>(own ? String(own.rating) : null);
  const [title, setTitle] = useState(own?.title ?? '');
  const [text, setText] = useState(own?.text ?? '');
  const [showName, setShowName] = useState(mine.showName);
  const done = (message: string) => {
    onClose();
    toast.done(message);
    void refreshFeedback();
    void queryClient.invalidateQueries({ queryKey: ['catalog'] });
  };
  const save = useMutation({
    mutationFn: () =>
      take(
        api.PUT('/api/reviews', {
          body: { publisher, product: slug, rating: Number(rating), title, text, showName },
        }),
      ),
    onSuccess: () => done('Your review stands on the product page.'),
  });
  const remove = useMutation({
    mutationFn: (reviewId: string) =>
      take(api.DELETE('/api/reviews/{reviewId}', { params: { path: { reviewId } } })),
    onSuccess: () => done('Your review is gone.'),
  });
  const ready = rating !== null && title.trim() !== '' && text.trim() !== '';
  return (
    <Modal opened onClose={onClose} title={`Review ${name}`} size="lg">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) save.mutate();
        }}
      >
        <Select
          label="Rating"
          placeholder="1 to 5"
          withAsterisk
          data={[5, 4, 3, 2, 1].map((n) => ({ value: String(n), label: words[n] ?? '' }))}
          value={rating}
          allowDeselect={false}
          onChange={setRating}
        />
        <TextField
          label="In a line"
          value={title}
          onChange={setTitle}
          charsMax={feedbackLimits.titleChars}
          required
        />
        <TextField
          label="What you found"
          description="Plain text. Everybody who sees the product reads it."
          value={text}
          onChange={setText}
          rows={6}
          charsMax={feedbackLimits.textChars}
          required
        />
        <Checkbox
          checked={showName}
          onChange={(event) => setShowName(event.currentTarget.checked)}
          label="Show my account’s name; otherwise it says “A buyer”"
        />
        <ErrorNotice error={save.error ?? remove.error} />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          {own ? (
            <Button
              variant="subtle"
              color="red"
              loading={remove.isPending}
              onClick={() => remove.mutate(own.id)}
            >
              Take it back
            </Button>
          ) : null}
          <Button variant="default" onClick={onClose}>
            Not yet
          </Button>
          <Button type="submit" disabled={!ready} loading={save.isPending}>
            {own ? 'Save' : 'Publish review'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
