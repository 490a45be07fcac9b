import { Cross2Icon } from '@radix-ui/react-icons';
import { useSyncExternalStore } from 'react';
import { StatusShape } from './status-badge.tsx';
import { toastStore } from './toast.ts';
import styles from './toaster.module.css';

export function Toaster() {
  const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.read);
  return (
    // The region exists before the news does, or screen readers would not notice it.
    <div className={styles.list} role="status">
      {toasts.map((toast) => (
        <div key={toast.id} className={styles.toast}>
          <StatusShape state={toast.tone === 'good' ? 'passed' : 'error'} />
          <p className={styles.message}>{toast.message}</p>
          <button
            type="button"
            className={styles.close}
            aria-label="Dismiss"
            onClick={() => toastStore.close(toast.id)}
          >
            <Cross2Icon aria-hidden="true" />
          </button>
          {toast.remedy ? <p className={styles.remedy}>{toast.remedy}</p> : null}
        </div>
      ))}
    </div>
  );
}
