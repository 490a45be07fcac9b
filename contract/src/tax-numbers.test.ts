import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bicProblem, ibanLength, ibanProblem, routingProblem } from './bank-numbers.ts';
import { plainTaxNumber, taxNumberProblem, taxNumberTypesFor } from './tax-numbers.ts';
import { euCountries, vatRules } from './vat-numbers.ts';

/** Numbers that are in the world, one or more per country: of registers, tax offices and the companies' own pages. */
const valid: Readonly<Record<string, readonly string[]>> = {
  AT: ['ATU13585627'],
  BE: ['BE0428759497'],
  BG: ['BG175074752', 'BG7523169263'],
  CY: ['CY10259033P'],
  CZ: ['CZ25123891', 'CZ7103192745', 'CZ640903926'],
  DE: ['DE136695976'],
  DK: ['DK13585628'],
  EE: ['EE100931558'],
  ES: ['ESB58378431', 'ES54362315K', 'ESX2482300W'],
  FI: ['FI20774740'],
  FR: ['FR40303265045', 'FR23334175221', 'FRK7399859412'],
  GB: ['GB980780684', 'GBGD001', 'GBHA500'],
  GR: ['EL094259216', 'GR094259216'],
  HR: ['HR33392005961'],
  HU: ['HU12892312'],
  IE: ['IE6433435F', 'IE6433435OA', 'IE8D79739I'],
  IT: ['IT00743110157'],
  LT: ['LT119511515', 'LT100001919017'],
  LU: ['LU15027442'],
  LV: ['LV40003521600', 'LV16117519997'],
  MT: ['MT11679112'],
  NL: ['NL004495445B01', 'NL123456789B13'],
  PL: ['PL8567346215'],
  PT: ['PT501964843'],
  RO: ['RO18547290'],
  SE: ['SE123456789701'],
  SI: ['SI50223054'],
  SK: ['SK2022749619'],
};

test('every member state and the United Kingdom has a rule, and takes numbers that exist', () => {
  assert.deepEqual(Object.keys(valid).sort(), [...euCountries, 'GB'].sort());
  assert.equal(euCountries.length, 27);
  for (const [country, numbers] of Object.entries(valid))
    for (const number of [...numbers, vatRules[country]?.example ?? ''])
      assert.equal(taxNumberProblem(country, 'vat', number), undefined, number);
});

test('a VAT number with its last digit off by one is refused, in every country', () => {
  for (const [country, [number = '']] of Object.entries(valid)) {
    // The check digits of these are not the last signs: the digit before is turned instead.
    const at =
      { AT: -1, NL: -4, SE: -3, LV: -1 }[country] ??
      [...number].findLastIndex((c) => /\d/.test(c)) - number.length;
    const i = number.length + at;
    const wrong = `${number.slice(0, i)}${(Number(number[i]) + 1) % 10}${number.slice(i + 1)}`;
    assert.equal(taxNumberProblem(country, 'vat', wrong), 'checksum', wrong);
  }
});

test('a VAT number with a digit too many, too few, or of another country is refused', () => {
  for (const [country, [number = '']] of Object.entries(valid)) {
    for (const wrong of [`${number}111111111`, number.slice(0, 3), `${number}A${'9'.repeat(12)}`])
      assert.equal(taxNumberProblem(country, 'vat', wrong), 'form', wrong);
    if (!['FR', 'ES', 'IE'].includes(country))
      assert.equal(taxNumberProblem(country, 'vat', number.replace(/^../, 'XX')), 'form', number);
  }
  assert.equal(taxNumberProblem('US', 'vat', 'DE136695976'), 'form');
});

test('numbers are taken as people write them: blanks, dots, hyphens, small letters, with and without prefix', () => {
  for (const [country, given, plain] of [
    ['DE', 'de 136 695 976', 'DE136695976'],
    ['DE', '136695976', 'DE136695976'],
    ['GR', 'el-094.259.216', 'EL094259216'],
    ['GB', 'XI 980 7806 84', 'GB980780684'],
  ] as const) {
    assert.equal(plainTaxNumber(country, 'vat', given), plain);
    assert.equal(taxNumberProblem(country, 'vat', given), undefined, given);
  }
});

test('American numbers: form, and what is never given out', () => {
  for (const [type, good, bad] of [
    [
      'ein',
      ['12-3456789', '911144442'],
      [
        ['12345678', 'form'],
        ['1234567890', 'form'],
        ['07-1144442', 'reserved'],
        ['00-1234567', 'reserved'],
      ],
    ],
    [
      'ssn',
      ['536-90-4399'],
      [
        ['536-90-439', 'form'],
        ['000-12-3456', 'reserved'],
        ['666-12-3456', 'reserved'],
        ['900-12-3456', 'reserved'],
        ['536-00-4399', 'reserved'],
        ['536-90-0000', 'reserved'],
        ['078-05-1120', 'reserved'],
      ],
    ],
    [
      'itin',
      ['912-70-1234', '900-88-0000'],
      [
        ['812-70-1234', 'form'],
        ['912-89-1234', 'reserved'],
        ['912-93-1234', 'reserved'],
        ['912-49-1234', 'reserved'],
      ],
    ],
  ] as const) {
    for (const number of good) assert.equal(taxNumberProblem('US', type, number), undefined, number);
    for (const [number, problem] of bad) assert.equal(taxNumberProblem('US', type, number), problem, number);
  }
});

test('a UTR has ten digits, the first of which is computed', () => {
  assert.equal(taxNumberProblem('GB', 'utr', '19558 39661'), undefined);
  assert.equal(taxNumberProblem('GB', 'utr', '1955839661K'), undefined);
  assert.equal(taxNumberProblem('GB', 'utr', '2955839661'), 'checksum');
  assert.equal(taxNumberProblem('GB', 'utr', '195583966'), 'form');
});

test('elsewhere the number is free, but it is a number', () => {
  assert.deepEqual(taxNumberTypesFor('JP', 'company'), ['other']);
  assert.equal(taxNumberProblem('JP', 'other', 'T 8040001999013'), undefined);
  for (const wrong of ['', 'abc', 'none', '1'.repeat(41), '<b>1234</b>'])
    assert.equal(taxNumberProblem('JP', 'other', wrong), 'form', wrong);
});

/** The registry's examples. */
const ibans =
  `AD1200012030200359100100 AE070331234567890123456 AT611904300234573201 BE68539007547034 BG80BNBG96611020345678 CH9300762011623852957
  CY17002001280000001200527600 CZ6508000000192000145399 DE89370400440532013000 DK5000400440116243 EE382200221020145685 ES9121000418450200051332
  FI2112345600000785 FR1420041010050500013M02606 GB29NWBK60161331926819 GI75NWBK000000007099453 GR1601101250000000012300695 HR1210010051863000160
  HU42117730161111101800000000 IE29AIBK93115212345678 IS140159260076545510730339 IT60X0542811101000000123456 LI21088100002324013AA LT121000011101001000
  LU280019400644750000 LV80BANK0000435195001 MC5811222000010123456789030 MT84MALT011000012345MTLCAST001S NL91ABNA0417164300 NO9386011117947
  PL61109010140000071219812874 PT50000201231234567890154 RO49AAAA1B31007593840000 SA0380000000608010167519 SE4550000000058398257466 SI56263300012039086
  SK3112000000198742637541 SM86U0322509800000000270100 TR330006100519786457841326 XK051212012345678906`.split(
    /\s+/,
  );

test('the IBANs of the registry are taken, and none of them with a sign changed', () => {
  for (const iban of ibans) {
    assert.equal(ibanProblem(iban), undefined, iban);
    assert.equal(ibanProblem(iban.replaceAll(/(.{4})/g, '$1 ').toLowerCase()), undefined, iban);
    for (const i of [2, iban.length - 1]) {
      if (!/\d/.test(iban[i] ?? '')) continue;
      const wrong = `${iban.slice(0, i)}${(Number(iban[i]) + 1) % 10}${iban.slice(i + 1)}`;
      assert.equal(ibanProblem(wrong), 'checksum', wrong);
    }
    assert.equal(ibanProblem(`${iban}0`), 'length', iban);
    assert.equal(ibanProblem(iban.slice(0, -1)), 'length', iban);
  }
  assert.equal(ibanLength('NO'), 15);
  assert.equal(ibanProblem('US64SVBKUS6S3300958879'), 'country');
  assert.equal(ibanProblem('GB29123460161331926819'), 'form');
  assert.equal(ibanProblem('hello'), 'form');
});

test('a routing number has nine digits of a real district and a check digit', () => {
  for (const number of ['021000021', '011401533', '322271627'])
    assert.equal(routingProblem(number), undefined);
  for (const [number, problem] of [
    ['021000022', 'checksum'],
    ['02100002', 'form'],
    ['0210000211', 'form'],
    ['991000021', 'form'],
  ] as const)
    assert.equal(routingProblem(number), problem, number);
});

test('a BIC has eight or eleven signs, and a country in it', () => {
  for (const bic of ['DEUTDEFF', 'DEUTDEFF500', 'nedsza jj']) assert.equal(bicProblem(bic), undefined);
  assert.equal(bicProblem('DEUTDEF'), 'form');
  assert.equal(bicProblem('DEUTDEFF50'), 'form');
  assert.equal(bicProblem('DEUTZZFF'), 'country');
});
