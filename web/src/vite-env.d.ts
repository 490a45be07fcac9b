/// <reference types="vite/client" />
import 'react';

declare module 'react' {
  // Our stylesheets read custom properties that components set.
  interface CSSProperties {
    [property: `--${string}`]: string | number | undefined;
  }
}
