import type { Rule } from './rule.ts';

export const listingRules = [
  {
    id: 'picture',
    title: 'Logo and images are plain pictures',
    why: 'They are shown to everybody from the marketplace’s own address. Each is unpacked and written anew, so that nothing hidden in a file reaches a buyer. PNG, JPEG or GIF, at most 5 MB, at most 4096 pixels a side.',
    codes: {
      'image.type_unsupported': {
        severity: 'error',
        says: 'The file is not a PNG, JPEG or GIF, whatever its name says.',
        remedy: 'Save the picture as PNG.',
      },
      'image.svg': {
        severity: 'error',
        says: 'The file is an SVG: a document that can carry scripts.',
        remedy: 'Export it as PNG.',
      },
      'image.name_misleads': {
        severity: 'warning',
        says: 'The file’s name says another kind of picture than its content.',
        remedy: 'Rename the file.',
      },
      'image.too_large': {
        severity: 'error',
        says: 'The file is larger than 5 MB.',
        remedy: 'Save it smaller; a logo of 400 by 400 pixels needs a few kilobytes.',
      },
      'image.too_many_pixels': {
        severity: 'error',
        says: 'The picture states a side of more than 4096 pixels.',
        remedy: 'Scale it down.',
      },
      'image.dimensions': {
        severity: 'error',
        says: 'An image of the product page has a side shorter than 200 pixels.',
        remedy: 'Take a larger one; small pictures are shown blurred.',
      },
      'image.animated': {
        severity: 'error',
        says: 'The picture moves.',
        remedy: 'Save one frame of it; for something that moves link a video.',
      },
      'image.cmyk': {
        severity: 'error',
        says: 'The colours are mixed for print (CMYK), which screens show wrongly.',
        remedy: 'Convert it to sRGB and save it again.',
      },
      'image.damaged': {
        severity: 'error',
        says: 'The picture is cut short or its data contradict its header.',
        remedy: 'Save it again.',
      },
      'image.missing': {
        severity: 'error',
        says: 'The picture is not among those that the account has sent.',
        remedy: 'Upload it again.',
      },
    },
  },
  {
    id: 'sample-file',
    title: 'Sample files are there',
    why: 'Buyers save them, and the trial run sends them.',
    codes: {
      'sample.missing': {
        severity: 'error',
        says: 'The file is not among those that the account has sent as samples.',
        remedy: 'Upload it again.',
      },
      'sample.size_differs': {
        severity: 'error',
        says: 'The document states another size than the file has.',
        remedy: 'Upload it again.',
      },
    },
  },
  {
    id: 'logo',
    title: 'The logo is a picture that fits its place',
    why: 'It stands beside others on light and dark pages. 120 to 640 pixels a side, square or twice as wide as high, on a transparent or white ground.',
    codes: {
      'logo.missing': {
        severity: 'error',
        says: 'The logo is not among the pictures that the account has sent.',
        remedy: 'Upload it again.',
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
        says: 'The ground of this kind of picture is decided when it is sent, not on a desk.',
        remedy: 'Use a PNG to have it decided at once.',
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
      'text.remote_image': {
        severity: 'error',
        says: 'The text embeds a picture by its address; pages never load pictures from elsewhere.',
        remedy: 'Add the picture to the images of the listing.',
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
