import { describeError } from '../api/errors.ts';

export interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly message: string;
  readonly remedy?: string;
}

const listeners = new Set<() => void>();
let toasts: readonly Toast[] = [];
let nextId = 1;

function publish(next: readonly Toast[]) {
  toasts = next;
  for (const notify of listeners) notify();
}

function show(toast: Omit<Toast, 'id'>, durationMs: number) {
  const id = nextId++;
  publish([...toasts.slice(-3), { ...toast, id }]);
  setTimeout(() => toastStore.close(id), durationMs);
}

export const toastStore = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
  read: () => toasts,
  close: (id: number) => publish(toasts.filter((t) => t.id !== id)),
};

/** News that needs no answer. What needs one is shown where it happened. */
export const toast = {
  done(message: string) {
    show({ tone: 'good', message }, 4_000);
  },
  failed(error: unknown) {
    const { message, remedy } = describeError(error);
    show({ tone: 'bad', message, remedy }, 10_000);
  },
};
