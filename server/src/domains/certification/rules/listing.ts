import type { Rule } from './rule.ts';

export const listingRules = [
  {
    id: 'logo',
    title: 'The logo is a picture that fits its place',
    why: 'It stands beside others on light and dark pages. PNG, JPEG or GIF, at most 5 MB, 120 to 640 pixels a side, square or twice as wide as high, on a transparent or white ground.',
    codes: {
      'logo.type_unsupported': {
        severity: 'error',
        says: 'The file is not a PNG, JPEG or GIF, whatever its name says.',
        remedy: 'Save the logo as PNG.',
      },
      'logo.name_misleads': {
        severity: 'warning',
        says: 'The file’s name says another kind of picture than its content.',
        remedy: 'Rename the file.',
      },
      'logo.too_large': {
        severity: 'error',
        says: 'The file is larger than 5 MB.',
        remedy: 'Save it smaller; a logo of 400 by 400 pixels needs a few kilobytes.',
      },
      'logo.dimensions': {
        severity: 'error',
        says: 'A side is shorter than 120 or longer than 640 pixels.',
        remedy: 'Scale the picture, for example to 400 by 400 pixels.',
      },
      'logo.ratio': {
        severity: 'error',
        says: 'The picture is neither square nor twice as wide as high.',
        remedy: 'Crop or pad the picture to 1:1 or 2:1.',
      },
      'logo.background': {
        severity: 'error',
        says: 'The ground is neither transparent nor white.',
        remedy: 'Remove the background, or make it white.',
      },
      'logo.background_undecided': {
        severity: 'info',
        says: 'The ground of this kind of picture cannot be decided by the machine; a person looks at it.',
        remedy: 'Use a PNG to have it decided at once.',
      },
      'logo.damaged': {
        severity: 'error',
        says: 'The picture is cut short or its data contradict its header.',
        remedy: 'Save it again.',
      },
    },
  },
  {
    id: 'listing-text',
    title: 'Texts are clean and finished',
    why: 'They are shown to buyers as they are, in pages, mails and search results.',
    codes: {
      'text.control_character': {
        severity: 'error',
        says: 'The text holds a control or invisible formatting character.',
        remedy: 'Remove it; it usually came with pasted text.',
      },
      'text.leading_blank': {
        severity: 'error',
        says: 'The text starts with a blank.',
        remedy: 'Remove the blank.',
      },
      'text.trademark_space': {
        severity: 'error',
        says: 'There is a space before a trademark sign.',
        remedy: 'Write the sign directly after the word: Name™.',
      },
      'text.markup_unsafe': {
        severity: 'error',
        says: 'The text holds raw HTML or a link that is not https or mailto.',
        remedy: 'Use Markdown: headings, lists, emphasis, code, and links that start with https://.',
      },
      'text.placeholder': {
        severity: 'error',
        says: 'The text still holds a placeholder.',
        remedy: 'Write what buyers need to know.',
      },
    },
  },
  {
    id: 'listing-links',
    title: 'Links are https addresses',
    why: 'Buyers follow them from a page that they trust.',
    codes: {
      'link.not_https': {
        severity: 'error',
        says: 'The link does not start with https://.',
        remedy: 'Give an https address.',
      },
      'link.malformed': {
        severity: 'error',
        says: 'The link is not a valid address, holds a user name or password, or is too long.',
        remedy: 'Copy the address from the browser’s address bar.',
      },
    },
  },
] as const satisfies readonly Rule[];
