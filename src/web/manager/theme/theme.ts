// Mantine's part of the design: the tokens that its components take. Our own components take them from tokens.css.
import { createTheme, type MantineColorsTuple, Menu, Popover, type PopoverProps } from '@mantine/core';

const petrol: MantineColorsTuple = [
  '#e8f4f5',
  '#d3e7ea',
  '#a6cfd5',
  '#76b5be',
  '#4c9caa',
  '#2a8494',
  '#0d6573',
  '#0a5561',
  '#08454f',
  '#0b3a43',
];

const family = '"Rubik Variable", "Segoe UI", "Noto Sans", sans-serif';

/** What opens is no higher than its room, and scrolls there (overlays.css): a window may be low, or magnified. */
const middlewares: NonNullable<PopoverProps['middlewares']> = {
  flip: true,
  shift: true,
  size: {
    padding: 8,
    apply: ({ availableHeight, elements }) => elements.floating.style.setProperty('--room', `${availableHeight}px`),
  },
};

export const theme = createTheme({
  colors: { petrol },
  primaryColor: 'petrol',
  primaryShade: { light: 6, dark: 5 },
  fontFamily: family,
  headings: { fontFamily: family, fontWeight: '600' },
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Menu: Menu.extend({
      // Its placeholder is an element in the menu that is no item, which screen readers count; the first item takes the focus.
      defaultProps: { withInitialFocusPlaceholder: false, middlewares },
    }),
    Popover: Popover.extend({ defaultProps: { middlewares } }),
  },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
});
