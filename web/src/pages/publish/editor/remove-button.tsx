import { ActionIcon } from '@mantine/core';
import { TrashIcon } from '@radix-ui/react-icons';
import { WithTip } from '../../../components/tip.tsx';
import { useEditor } from './editor-context.tsx';

export function RemoveButton({ label, onClick }: { label: string; onClick: () => void }) {
  const { editable } = useEditor();
  if (!editable) return null;
  return (
    <WithTip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick} mt={24}>
        <TrashIcon />
      </ActionIcon>
    </WithTip>
  );
}
