import { Button, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';

/** On the page of results, where the header's box is too far away (and on phones not there at all). */
export function SearchField({ value, onSearch }: { value: string; onSearch: (value: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <form
      className="row-nowrap"
      style={{ marginBottom: 12 }}
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(text.trim());
      }}
    >
      <TextInput
        className="grow"
        type="search"
        aria-label="Search among products"
        placeholder="What should it do?"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit">Search</Button>
    </form>
  );
}
