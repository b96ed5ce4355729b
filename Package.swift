// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "DeepSeek",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "DeepSeekCheckpoints", targets: ["DeepSeekCheckpoints"]),
    .library(name: "DeepSeekJSON", targets: ["DeepSeekJSON"]),
    .library(name: "DeepSeekTensor", targets: ["DeepSeekTensor"]),
    .library(name: "DeepSeekTokenizers", targets: ["DeepSeekTokenizers"]),
  ],
  targets: [
    // Floor 0: C kernels and OpenBLAS.
    .systemLibrary(
      name: "COpenBLAS",
      pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"]), .brew(["openblas"])]),
    .target(name: "CDeepSeekKernels"),
    .target(name: "CDeepSeekBLAS", dependencies: ["COpenBLAS"]),

    // Floor 0: JSON, for configurations, tokenizers and checkpoint headers.
    .target(name: "DeepSeekJSON", swiftSettings: strict),

    // Floor 1: the tensor core.
    .target(
      name: "DeepSeekTensor",
      dependencies: ["CDeepSeekKernels", "CDeepSeekBLAS"],
      swiftSettings: strict),

    // Floor 2: the vocabulary of operators.
    .target(
      name: "DeepSeekOperators",
      dependencies: ["DeepSeekTensor", "CDeepSeekKernels", "COpenBLAS"],
      swiftSettings: strict),

    // Floor 2: tensors in files. zlib inflates NumPy's archives; libcrypto has SHA-256 by the processor's instructions.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .target(
      name: "DeepSeekCheckpoints",
      dependencies: ["DeepSeekTensor", "DeepSeekJSON", "CZlib", "CLibCrypto"],
      swiftSettings: strict),

    // Floor 3: graphs.
    .target(
      name: "DeepSeekGraph", dependencies: ["DeepSeekTensor", "DeepSeekOperators", "DeepSeekCheckpoints"],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekGraphTests", dependencies: ["DeepSeekGraph", "DeepSeekTensor", "DeepSeekOperators"],
      swiftSettings: strict),

    // Floor 4: tokenizers.
    .target(name: "DeepSeekTokenizers", dependencies: ["DeepSeekJSON"], swiftSettings: strict),

    // Tests.
    .testTarget(
      name: "DeepSeekCheckpointsTests",
      dependencies: ["DeepSeekCheckpoints", "DeepSeekJSON", "DeepSeekTensor"],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(name: "DeepSeekJSONTests", dependencies: ["DeepSeekJSON"], swiftSettings: strict),
    .testTarget(
      name: "DeepSeekTokenizersTests",
      dependencies: ["DeepSeekTokenizers", "DeepSeekJSON"],
      exclude: ["make_fixtures.py"],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
  ]
)
