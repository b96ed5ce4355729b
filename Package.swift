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

    // Floor 3: graphs.
    .target(name: "DeepSeekGraph", dependencies: ["DeepSeekTensor", "DeepSeekOperators"], swiftSettings: strict),
    .testTarget(
      name: "DeepSeekGraphTests", dependencies: ["DeepSeekGraph", "DeepSeekTensor", "DeepSeekOperators"],
      swiftSettings: strict),

    // Floor 4: tokenizers.
    .target(name: "DeepSeekTokenizers", swiftSettings: strict),

  ]
)
