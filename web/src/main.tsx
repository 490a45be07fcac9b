import './theme/fonts.css';
import './theme/tokens.css';
import './theme/mantine-styles.ts';
import './theme/global.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { sessionQuery } from './api/queries/session.ts';
import { queryClient } from './api/query-client.ts';
import { Toaster } from './components/toaster.tsx';
import { routes } from './routes.tsx';
import { wasMember } from './session/was-member.ts';
import { cssVariables, theme } from './theme/theme.ts';

// Asked before anything is drawn: header and permissions wait for it.
void queryClient.prefetchQuery(sessionQuery());

// Who was signed in here last time probably still is: their menus load beside the page, not after it.
if (wasMember()) void import('./shell/member-tools.tsx');

const router = createBrowserRouter(routes);
const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
          <RouterProvider router={router} />
          <Toaster />
        </MantineProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
