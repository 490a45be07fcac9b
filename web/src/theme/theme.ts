import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** Ultramarine: the one accent. Shade 6 carries white text in light, 5 in dark (both above 4.5:1). */
const ultramarine: MantineColorsTuple = [
  '#eff2fe',
  '#dde4fd',
  '#b9c6fa',
  '#94a8f7',
  '#7189f2',
  '#4d69e6',
  '#2f4fcf',
  '#2641b0',
  '#1f368f',
  '#1a2c72',
];

/** Neutrals lean a little warm, like paper; the accent is the only saturated colour without a meaning. */
const gray: MantineColorsTuple = [
  '#fafaf8',
  '#f4f4f1',
  '#e9e8e4',
  '#dcdbd6',
  '#c6c4be',
  '#a3a19a',
  '#6c6a64',
  '#52504b',
  '#33322e',
  '#1c1b19',
];

const dark: MantineColorsTuple = [
  '#ececea',
  '#b8b7b2',
  '#96958f',
  '#6f6e69',
  '#3a3a3e',
  '#2b2b2f',
  '#212124',
  '#161618',
  '#111113',
  '#0c0c0d',
];

export const theme = createTheme({
  primaryColor: 'ultramarine',
  primaryShade: { light: 6, dark: 5 },
  colors: { ultramarine, gray, dark },
  black: '#1c1b19',
  fontFamily: "'Geist Variable', ui-sans-serif, system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "'Geist Mono Variable', ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
  headings: {
    fontFamily: "'Geist Variable', ui-sans-serif, system-ui, -apple-system, 'Segoe UI', sans-serif",
    fontWeight: '600',
  },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '24px', xl: '28px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
    MultiSelect: { defaultProps: { size: 'sm' } },
    TagsInput: { defaultProps: { size: 'sm' } },
    Radio: { vars: () => ({ root: { '--radio-size': '16px' } }) },
    Checkbox: { vars: () => ({ root: { '--checkbox-size': '16px' } }) },
    NumberInput: { defaultProps: { size: 'sm' } },
    Modal: { defaultProps: { centered: true, padding: 'xl', closeButtonProps: { 'aria-label': 'Close' } } },
    // Mantine's own is a <header>, which inside a dialog counts as a second banner of the page.
    ModalHeader: { defaultProps: { component: 'div' } },
    DrawerHeader: { defaultProps: { component: 'div' } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    // The placeholder is a focusable child of the menu that is not one of its items.
    Menu: {
      defaultProps: { shadow: 'md', transitionProps: { duration: 80 }, withInitialFocusPlaceholder: false },
    },
    Tabs: { defaultProps: { keepMounted: false } },
  },
});

/** Set per scheme, because that is where Mantine sets its own. Its own red carries white text at 3.3:1 and 2.8:1. */
const perScheme = {
  '--mantine-color-red-filled': 'var(--bad-fill)',
  '--mantine-color-red-filled-hover': 'var(--bad-fill-hover)',
  '--mantine-color-ultramarine-light-color': 'var(--accent-text)',
  '--mantine-color-red-light-color': 'var(--bad)',
  '--mantine-color-gray-light-color': 'var(--text-muted)',
};

/** Mantine's own variables, pointed at the tokens of tokens.css, so that there is one source of colour. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-dimmed': 'var(--text-muted)',
    '--mantine-color-placeholder': 'var(--text-faint)',
    '--mantine-color-default-border': 'var(--line-strong)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-default-hover': 'var(--surface-hover)',
    '--mantine-color-error': 'var(--bad)',
    '--mantine-color-anchor': 'var(--accent-text)',
  },
  light: perScheme,
  dark: perScheme,
});
