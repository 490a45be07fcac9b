/**
 * What pickles of data and estimators name, and nothing else. A list of what is dangerous would never be whole: Python's own
 * library has hundreds of ways to run a command, and every installed package adds to them.
 */
const exact: Readonly<Record<string, readonly string[]>> = {
  builtins: [
    ...[
      'set',
      'frozenset',
      'bytearray',
      'complex',
      'slice',
      'range',
      'object',
      'int',
      'float',
      'str',
      'bytes',
    ],
    ...['bool', 'list', 'dict', 'tuple', 'Ellipsis', 'NotImplemented'],
  ],
  __builtin__: [
    'set',
    'frozenset',
    'bytearray',
    'complex',
    'slice',
    'xrange',
    'object',
    'int',
    'long',
    'float',
    'str',
    'unicode',
    'bool',
    'list',
    'dict',
    'tuple',
  ],
  collections: ['OrderedDict', 'defaultdict', 'deque', 'Counter'],
  copyreg: ['_reconstructor'],
  copy_reg: ['_reconstructor'],
  _codecs: ['encode'],
  datetime: ['date', 'datetime', 'time', 'timedelta', 'timezone'],
  decimal: ['Decimal'],
  fractions: ['Fraction'],
  uuid: ['UUID'],
  numpy: ['dtype', 'ndarray', 'matrix', 'recarray', 'record'],
  'numpy.rec': ['recarray', 'record'],
  'numpy.core.records': ['recarray', 'record'],
  'numpy.core.multiarray': ['_reconstruct', 'scalar'],
  'numpy._core.multiarray': ['_reconstruct', 'scalar'],
  'numpy.core.numeric': ['_frombuffer'],
  'numpy._core.numeric': ['_frombuffer'],
  'numpy.ma.core': ['_mareconstruct', 'MaskedArray'],
  'numpy.matrixlib.defmatrix': ['matrix'],
  'numpy.random._pickle': ['__randomstate_ctor', '__generator_ctor', '__bit_generator_ctor'],
  'numpy.random._mt19937': ['MT19937'],
  'numpy.random._pcg64': ['PCG64', 'PCG64DXSM'],
  'numpy.random._philox': ['Philox'],
  'numpy.random._sfc64': ['SFC64'],
  'numpy.random.bit_generator': ['SeedSequence', '__pyx_unpickle_SeedSequence'],
  'scipy.spatial._kdtree': ['KDTree'],
  'scipy.spatial._ckdtree': ['cKDTree'],
  'joblib.numpy_pickle': ['NumpyArrayWrapper'],
  'torch._utils': [
    '_rebuild_tensor',
    '_rebuild_tensor_v2',
    '_rebuild_parameter',
    '_rebuild_qtensor',
    '_rebuild_sparse_tensor',
  ],
  'torch.storage': ['UntypedStorage', 'TypedStorage'],
  'torch.nn.parameter': ['Parameter', 'Buffer'],
  'torch.serialization': ['_get_layout'],
  'pandas.core.frame': ['DataFrame'],
  'pandas.core.series': ['Series'],
  'pandas.core.internals.managers': ['BlockManager', 'SingleBlockManager'],
  'pandas._libs.internals': ['_unpickle_block', 'BlockManager'],
  'pandas.core.internals.blocks': ['new_block'],
  'pandas.core.indexes.base': ['_new_Index', 'Index'],
  'pandas.core.indexes.range': ['RangeIndex'],
  'pandas.core.indexes.numeric': ['Int64Index', 'UInt64Index', 'Float64Index'],
  'pandas.core.indexes.multi': ['MultiIndex'],
  'pandas.core.indexes.datetimes': ['DatetimeIndex', '_new_DatetimeIndex'],
  'pandas.core.arrays.categorical': ['Categorical'],
  'pandas.core.dtypes.dtypes': ['CategoricalDtype'],
  'xgboost.core': ['Booster'],
  'lightgbm.basic': ['Booster'],
};

/** Classes of estimators, which begin with a capital letter; and how compiled ones come back. */
const families: readonly { readonly module: RegExp; readonly name: RegExp }[] = [
  {
    module: /^numpy$/,
    name: /^(?:u?int|float|complex)(?:8|16|32|64|128|256)$|^(?:bool_?|str_|bytes_|void|datetime64|timedelta64|object_|longdouble|intc|uintc|longlong|ulonglong)$/,
  },
  {
    module: /^numpy\.(?:_core|core)\.(?:numerictypes|_multiarray_umath)$/,
    name: /^(?:u?int|float)(?:8|16|32|64)$/,
  },
  { module: /^numpy\.dtypes$/, name: /^[A-Z]\w*DType$/ },
  { module: /^scipy\.sparse(?:\._?[a-z]+)?$/, name: /^(?:csr|csc|coo|bsr|dia|dok|lil)_(?:matrix|array)$/ },
  {
    module: /^sklearn(?:\.(?!externals|datasets|_joblib)\w+)+$/,
    name: /^_?[A-Z]\w*$|^newObj$|^__pyx_unpickle_\w+$/,
  },
  {
    module: /^torch$/,
    name: /^[A-Z][a-z]+\d*Storage$|^BFloat16Storage$|^(?:Size|device|dtype|Tensor)$|^(?:u?int|float|bfloat|complex)\d+$|^bool$/,
  },
  { module: /^torch\.nn\.modules\.(?!lazy)\w+$/, name: /^[A-Z]\w*$/ },
  { module: /^xgboost\.sklearn$/, name: /^XGB\w*$/ },
  { module: /^lightgbm\.sklearn$/, name: /^LGBM\w*$/ },
];

/** A dotted name reaches through one object to another, and is never on the list. */
export function isAllowed(module: string, name: string): boolean {
  const names = Object.hasOwn(exact, module) ? exact[module] : undefined;
  if (names?.includes(name)) return true;
  return families.some((f) => f.module.test(module) && f.name.test(name));
}
