/// What a pickle may do with a class or function outside the list of those that make tensors and plain values.
public enum UnknownClasses: Sendable, Hashable {
  /// The file is refused with an error that names it.
  case refused
  /// What the pickle says of it is kept as data: its name, its arguments and its state. Nothing is run either way; but a
  /// file that names such classes was not made to be read without them.
  case keptAsData
}

/// The list of names that a pickle may use: those which make tensors and plain values.
///
/// None of them is ever called. The list is there because a file that names another one either holds an object which data
/// cannot stand for, or was made to attack a program that does call them; both deserve an error.
struct PickleGlobals: Sendable {
  let unknown: UnknownClasses
  /// Whether the file is a TorchScript archive, whose objects are of classes that the archive itself defines.
  let isTorchScript: Bool

  func contains(_ global: PickleGlobal) -> Bool {
    if PickleGlobals.names.contains(global.fullName) || unknown == .keptAsData { return true }
    if isTorchScript && (global.module == "__torch__" || global.module.hasPrefix("__torch__.")) { return true }
    switch global.module {
    case "torch", "torch.cuda":
      return TorchElementType(storageClass: global.name) != nil
        || global.module == "torch" && TorchElementType(dtypeName: global.name) != nil
    case "numpy", "numpy.dtypes": return PickleGlobals.numpyTypes.contains(global.name)
    case "torch.jit._pickle": return isTorchScript
    default: return false
    }
  }

  private static let names: Set<String> = [
    // Tensors.
    "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor_v3",
    "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
    "torch._utils._rebuild_device_tensor_from_numpy", "torch._utils._rebuild_device_tensor_from_cpu_tensor",
    "torch._tensor._rebuild_from_type_v2", "torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer",
    // Tensors that are listed and not read.
    "torch._utils._rebuild_qtensor", "torch._utils._rebuild_sparse_tensor", "torch._utils._rebuild_sparse_csr_tensor",
    "torch._utils._rebuild_nested_tensor", "torch._utils._rebuild_meta_tensor_no_storage",
    "torch.per_tensor_affine", "torch.per_channel_affine", "torch.per_tensor_symmetric", "torch.per_channel_symmetric",
    "torch.serialization._get_layout",
    // Storages without a type in their name.
    "torch.storage.UntypedStorage", "torch.storage._UntypedStorage", "torch.storage.TypedStorage",
    "torch.storage._TypedStorage", "torch.UntypedStorage", "torch.TypedStorage",
    // Plain values of PyTorch's.
    "torch.Size", "torch.device", "torch.Generator", "torch.memory_format", "torch.contiguous_format",
    "torch.channels_last", "torch.preserve_format", "torch.strided", "torch.sparse_coo",
    // Plain values of Python's, by the names of its versions 2 and 3.
    "collections.OrderedDict", "collections.defaultdict", "collections.Counter", "collections.deque",
    "builtins.set", "__builtin__.set", "builtins.frozenset", "__builtin__.frozenset", "builtins.list",
    "__builtin__.list", "builtins.dict", "__builtin__.dict", "builtins.tuple", "__builtin__.tuple", "builtins.int",
    "__builtin__.int", "__builtin__.long", "__builtin__.unicode", "builtins.float", "__builtin__.float", "builtins.str",
    "__builtin__.str", "builtins.bool",
    "__builtin__.bool", "builtins.bytes", "__builtin__.bytes", "builtins.bytearray", "__builtin__.bytearray",
    "builtins.complex", "__builtin__.complex", "builtins.slice", "__builtin__.slice", "builtins.range",
    "__builtin__.xrange", "builtins.object", "__builtin__.object", "_codecs.encode", "copyreg._reconstructor",
    "copy_reg._reconstructor", "argparse.Namespace", "types.SimpleNamespace", "pathlib.PosixPath",
    "pathlib.PurePosixPath", "pathlib.WindowsPath", "pathlib.PureWindowsPath", "pathlib.Path", "datetime.datetime",
    "datetime.timedelta", "datetime.date", "fractions.Fraction", "decimal.Decimal",
    // Numbers and arrays of NumPy's, by the names of its versions 1 and 2.
    "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct", "numpy.dtype", "numpy.ndarray", "numpy.core.numeric._frombuffer",
    "numpy._core.numeric._frombuffer",
  ]

  /// Names of NumPy's element types, as classes and as classes of descriptions.
  private static let numpyTypes: Set<String> = {
    let types = [
      "bool_", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
      "float64", "complex64", "complex128", "str_", "bytes_",
    ]
    let classes = [
      "Bool", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float16", "Float32", "Float64",
      "Complex64", "Complex128",
    ]
    return Set(types + classes.map { $0 + "DType" })
  }()

  /// Where functions live that run programs, code or files: only an attack, or a mistake, puts them into a checkpoint.
  private static let dangerousModules: Set<String> = [
    "os", "posix", "nt", "subprocess", "sys", "builtins", "__builtin__", "runpy", "shutil", "socket", "importlib",
    "pty",
    "ctypes", "webbrowser", "commands", "code", "marshal", "pickle", "operator", "functools", "torch.hub",
  ]

  /// What to do about a name that is not on the list.
  static func advice(about global: PickleGlobal) -> String {
    if dangerousModules.contains(global.module) {
      return "do not load this file in Python either, unless you trust who made it"
    }
    if global.module.hasPrefix("__torch__") { return "it belongs into a TorchScript archive, which this file is not" }
    return "if it is a model saved whole, load it where it was made and save model.state_dict() instead; "
      + "or read what it says as data with unknownClasses: .keptAsData"
  }
}
