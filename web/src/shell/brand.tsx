/** A stall's awning; the same drawing as public/favicon.svg. */
export function Brand() {
  return (
    <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--brand, #2f4fcf)" />
      <path
        d="M7 12h18M9 12v11M23 12v11M7 12l2.4-4.4h13.2L25 12M7 12a3 3 0 0 0 6 0 3 3 0 0 0 6 0 3 3 0 0 0 6 0M13 23v-4.5a3 3 0 0 1 6 0V23"
        fill="none"
        stroke="#fff"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
