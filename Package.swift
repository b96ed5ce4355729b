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
    .library(name: "DeepSeek", targets: ["DeepSeek"]),
    .library(name: "DeepSeekTensor", targets: ["DeepSeekTensor"]),
    .library(name: "DeepSeekOperators", targets: ["DeepSeekOperators"]),
    .library(name: "DeepSeekCheckpoints", targets: ["DeepSeekCheckpoints"]),
    .library(name: "DeepSeekGraph", targets: ["DeepSeekGraph"]),
    .library(name: "DeepSeekDynamic", targets: ["DeepSeekDynamic"]),
    .library(name: "DeepSeekStatic", targets: ["DeepSeekStatic"]),
    .library(name: "DeepSeekHeterogeneous", targets: ["DeepSeekHeterogeneous"]),
    .library(name: "DeepSeekCompression", targets: ["DeepSeekCompression"]),
    .library(name: "DeepSeekEngines", targets: ["DeepSeekEngines"]),
    .library(name: "DeepSeekJSON", targets: ["DeepSeekJSON"]),
    .library(name: "DeepSeekData", targets: ["DeepSeekData"]),
    .library(name: "DeepSeekHub", targets: ["DeepSeekHub"]),
    .library(name: "DeepSeekTokenizers", targets: ["DeepSeekTokenizers"]),
    .library(name: "DeepSeekTemplates", targets: ["DeepSeekTemplates"]),
    .library(name: "DeepSeekModels", targets: ["DeepSeekModels"]),
    .library(name: "DeepSeekTraining", targets: ["DeepSeekTraining"]),
    .library(name: "DeepSeekRecords", targets: ["DeepSeekRecords"]),
    .library(name: "DeepSeekInterchange", targets: ["DeepSeekInterchange"]),
    .library(name: "DeepSeekCompatibility", targets: ["DeepSeekCompatibility"]),
    .library(name: "DeepSeekMigration", targets: ["DeepSeekMigration", "DeepSeekLegacyNames"]),
    .library(name: "DeepSeekLite", targets: ["DeepSeekLite"]),
    .executable(name: "ds", targets: ["DeepSeekCommand"]),
    .executable(name: "ds-lite", targets: ["DeepSeekLiteCommand"]),
  ],
  traits: [
    .trait(name: "Migrate", description: "What `ds migrate` reads Swift sources with: swift-syntax.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    // Neither fetched nor built without the trait.
    .package(url: "https://github.com/swiftlang/swift-syntax", from: "603.0.1"),
  ],
  targets: [
    // Floor 0: C kernels and OpenBLAS.
    .systemLibrary(
      name: "COpenBLAS",
      pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"]), .brew(["openblas"])]),
    .target(name: "CDeepSeekKernels"),
    .target(name: "CDeepSeekEngines"),
    .target(name: "CDeepSeekBLAS", dependencies: ["COpenBLAS"]),

    // Floor 0: JSON, for configurations, tokenizers and checkpoint headers.
    .target(name: "DeepSeekJSON", swiftSettings: strict),

    // Floor 1: generated code for TensorFlow's and ONNX's messages; see its README.
    .target(
      name: "DeepSeekProtocols",
      dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["README.md", "generate.py"],
      swiftSettings: strict),

    // Floor 1: the tensor core.
    .target(
      name: "DeepSeekTensor",
      dependencies: ["CDeepSeekKernels", "CDeepSeekBLAS"],
      swiftSettings: strict),

    // Floor 2: the vocabulary of operators.
    .target(
      name: "DeepSeekOperators",
      dependencies: ["DeepSeekTensor", "CDeepSeekKernels", "CDeepSeekBLAS", "COpenBLAS"],
      swiftSettings: strict),

    // Floor 2: tensors in files. zlib inflates NumPy's archives; libcrypto has SHA-256 by the processor's instructions.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .target(
      name: "DeepSeekCheckpoints",
      dependencies: ["DeepSeekTensor", "DeepSeekJSON", "CZlib", "CLibCrypto"],
      swiftSettings: strict),

    // Floor 3: graphs, and the dynamic graph (2.x).
    .target(
      name: "DeepSeekGraph", dependencies: ["DeepSeekTensor", "DeepSeekOperators", "DeepSeekCheckpoints"],
      swiftSettings: strict),
    .target(
      name: "DeepSeekDynamic",
      dependencies: ["DeepSeekTensor", "DeepSeekOperators", "CDeepSeekKernels"],
      swiftSettings: strict),

    // Floor 3: TFRecord, tf.train.Example and TensorBoard's event files.
    .target(
      name: "DeepSeekRecords",
      dependencies: ["DeepSeekTensor", "DeepSeekCheckpoints", "CDeepSeekKernels", "CZlib"],
      swiftSettings: strict),

    // Floor 3: files from a hub over HTTP. Apart, so that who fetches nothing links no HTTP.
    .target(
      name: "DeepSeekHub", dependencies: ["DeepSeekJSON", "DeepSeekCheckpoints"], swiftSettings: strict),

    // Floor 4: programs opened and run, and nothing else: for the edge.
    .target(
      name: "DeepSeekLite", dependencies: ["DeepSeekTensor", "DeepSeekGraph", "DeepSeekCheckpoints"],
      swiftSettings: strict),
    .executableTarget(
      name: "DeepSeekLiteCommand", dependencies: ["DeepSeekLite", "DeepSeekTensor", "DeepSeekCheckpoints"],
      swiftSettings: strict),

    // Floor 4: data sets and the files that hold them. Other compressions than zlib's are loaded when a file needs them.
    .target(
      name: "DeepSeekData",
      dependencies: ["DeepSeekTensor", "DeepSeekJSON", "DeepSeekCheckpoints", "DeepSeekRecords", "CZlib"],
      swiftSettings: strict),

    // Floor 4: the static graph (1.x).
    .target(
      name: "DeepSeekStatic",
      dependencies: [
        "DeepSeekTensor", "DeepSeekOperators", "DeepSeekGraph", "DeepSeekDynamic", "DeepSeekCheckpoints",
        "DeepSeekRecords", "DeepSeekJSON",
      ],
      swiftSettings: strict),

    // Floor 4: programs compiled of models, and requests gathered for them (3.x).
    .target(
      name: "DeepSeekHeterogeneous",
      dependencies: [
        "DeepSeekTensor", "DeepSeekOperators", "DeepSeekGraph", "DeepSeekDynamic", "DeepSeekCheckpoints",
        "DeepSeekJSON",
        .product(name: "CoreMetrics", package: "swift-metrics"),
      ],
      swiftSettings: strict),

    // Floor 4: models made smaller: few bits, pruning, distillation.
    .target(
      name: "DeepSeekCompression",
      dependencies: ["DeepSeekTensor", "DeepSeekOperators", "DeepSeekDynamic", "DeepSeekJSON"],
      swiftSettings: strict),

    // Floor 4: executors by other libraries, which are loaded when they are used.
    .target(
      name: "DeepSeekEngines",
      dependencies: [
        "DeepSeekTensor", "DeepSeekOperators", "DeepSeekCheckpoints", "DeepSeekGraph", "CDeepSeekEngines",
      ],
      swiftSettings: strict),

    // Floor 4: tokenizers.
    .target(name: "DeepSeekTokenizers", dependencies: ["DeepSeekJSON"], swiftSettings: strict),

    // Floor 4: prompts of conversations.
    .target(name: "DeepSeekTemplates", dependencies: ["DeepSeekJSON"], swiftSettings: strict),

    // Floor 5: models.
    .target(
      name: "DeepSeekModels",
      dependencies: [
        "DeepSeekTensor", "DeepSeekOperators", "DeepSeekDynamic", "DeepSeekCheckpoints", "DeepSeekTokenizers",
        "DeepSeekTemplates", "DeepSeekJSON", "DeepSeekHeterogeneous", "DeepSeekHub", "DeepSeekCompression",
      ],
      swiftSettings: strict),

    // Floor 5: whole models from other frameworks' files, and back.
    .target(
      name: "DeepSeekInterchange",
      dependencies: [
        "DeepSeekTensor", "DeepSeekOperators", "DeepSeekGraph", "DeepSeekCheckpoints", "DeepSeekRecords",
        "DeepSeekDynamic", "DeepSeekStatic", "DeepSeekEngines", "DeepSeekJSON", "DeepSeekProtocols",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      swiftSettings: strict),

    // Floor 6: training.
    .target(
      name: "DeepSeekTraining",
      dependencies: [
        "DeepSeekTensor", "DeepSeekOperators", "DeepSeekDynamic", "DeepSeekCheckpoints", "DeepSeekTokenizers",
        "DeepSeekJSON", "DeepSeekModels", "DeepSeekData", "DeepSeekRecords", "DeepSeekCompression",
      ],
      swiftSettings: strict),

    // Floor 0: the table of the names of 1.x and 2.x.
    .target(name: "DeepSeekLegacyNames", swiftSettings: strict),

    // Floor 7: names of 1.x and 2.x, mapped forward.
    .target(
      name: "DeepSeekCompatibility",
      dependencies: [
        "DeepSeekLegacyNames",
        "DeepSeekTensor", "DeepSeekOperators", "DeepSeekGraph", "DeepSeekDynamic", "DeepSeekStatic", "DeepSeekData",
        "DeepSeekRecords", "DeepSeekTokenizers", "DeepSeekModels",
      ],
      swiftSettings: strict),

    // Floor 8: sources rewritten from the old names to today's. What reads Swift comes with the trait.
    .target(
      name: "DeepSeekMigration",
      dependencies: [
        "DeepSeekLegacyNames",
        .product(name: "SwiftSyntax", package: "swift-syntax", condition: .when(traits: ["Migrate"])),
        .product(name: "SwiftParser", package: "swift-syntax", condition: .when(traits: ["Migrate"])),
      ],
      swiftSettings: strict),

    // Floor 8: all of it under one name.
    .target(
      name: "DeepSeek",
      dependencies: [
        "DeepSeekTensor", "DeepSeekOperators", "DeepSeekCheckpoints", "DeepSeekGraph", "DeepSeekDynamic",
        "DeepSeekStatic", "DeepSeekEngines", "DeepSeekTokenizers", "DeepSeekModels", "DeepSeekTraining",
        "DeepSeekData", "DeepSeekHub", "DeepSeekTemplates",
        "DeepSeekRecords", "DeepSeekInterchange", "DeepSeekHeterogeneous", "DeepSeekCompression",
      ],
      swiftSettings: strict),

    // Floor 9: the command line.
    .executableTarget(
      name: "DeepSeekCommand",
      dependencies: [
        "DeepSeek", "DeepSeekJSON", "DeepSeekTensor", "DeepSeekOperators", "DeepSeekCheckpoints", "DeepSeekGraph",
        "DeepSeekDynamic", "DeepSeekHeterogeneous", "DeepSeekStatic", "DeepSeekEngines", "DeepSeekTokenizers",
        "DeepSeekModels", "DeepSeekCompression",
        "DeepSeekTraining", "DeepSeekData", "DeepSeekHub", "DeepSeekInterchange", "DeepSeekLegacyNames",
        "DeepSeekMigration",
        "CDeepSeekKernels", "CDeepSeekBLAS", "COpenBLAS",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // Tests.
    .target(
      name: "TestSupport", dependencies: ["DeepSeekTensor"], path: "Tests/TestSupport", swiftSettings: strict),
    .target(
      name: "OperatorSamples",
      dependencies: ["TestSupport", "DeepSeekTensor", "DeepSeekOperators", "DeepSeekCheckpoints"],
      path: "Tests/OperatorSamples",
      exclude: ["make_references.py", "make_numpy_references.py", "paper_optimizers.py"],
      resources: [.copy("References")],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekTensorTests", dependencies: ["DeepSeekTensor", "DeepSeekOperators"], swiftSettings: strict),
    .testTarget(
      name: "DeepSeekOperatorsTests",
      dependencies: [
        "OperatorSamples", "DeepSeekTensor", "DeepSeekOperators", "DeepSeekGraph", "CDeepSeekKernels", "CDeepSeekBLAS",
        "COpenBLAS",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekGraphTests",
      dependencies: [
        "TestSupport", "OperatorSamples", "DeepSeekGraph", "DeepSeekTensor", "DeepSeekOperators", "DeepSeekCheckpoints",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekCheckpointsTests",
      dependencies: ["TestSupport", "DeepSeekCheckpoints", "DeepSeekJSON", "DeepSeekTensor"],
      exclude: [
        "make_fixtures.py", "make_gguf_fixtures.py", "make_hdf5_fixtures.py", "make_torch_fixtures.py",
      ],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekDynamicTests",
      dependencies: ["TestSupport", "DeepSeekDynamic", "DeepSeekGraph", "DeepSeekTensor", "DeepSeekOperators"],
      exclude: ["make_fixtures.py", "make_metrics.py", "make_transformer_fixtures.py"],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekStaticTests",
      dependencies: [
        "TestSupport", "DeepSeekStatic", "DeepSeekDynamic", "DeepSeekGraph", "DeepSeekTensor", "DeepSeekOperators",
        "DeepSeekCheckpoints", "DeepSeekModels", "DeepSeekRecords",
      ],
      exclude: ["make_fixtures.py"],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekRecordsTests",
      dependencies: ["TestSupport", "DeepSeekRecords", "DeepSeekCheckpoints", "DeepSeekTensor"],
      exclude: ["make_fixtures.py"],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekModelsTests",
      dependencies: [
        "TestSupport", "DeepSeekHeterogeneous", "DeepSeekModels", "DeepSeekDynamic", "DeepSeekGraph", "DeepSeekTensor",
        "DeepSeekOperators", "DeepSeekCheckpoints", "DeepSeekJSON", "DeepSeekCompression", "DeepSeekTokenizers",
      ],
      exclude: [
        "make_fixtures.py", "make_task_fixtures.py", "make_adapter_fixtures.py", "make_decoder_fixtures.py",
        "make_gguf_fixture.py",
      ],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekHeterogeneousTests",
      dependencies: [
        "TestSupport", "DeepSeekHeterogeneous", "DeepSeekLite", "DeepSeekGraph", "DeepSeekDynamic",
        "DeepSeekOperators", "DeepSeekTensor", "DeepSeekCheckpoints", "DeepSeekJSON", "CDeepSeekKernels",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "MetricsTestKit", package: "swift-metrics"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekCompressionTests",
      dependencies: [
        "TestSupport", "DeepSeekCompression", "DeepSeekModels", "DeepSeekTraining", "DeepSeekHeterogeneous",
        "DeepSeekDynamic", "DeepSeekTensor", "DeepSeekOperators", "DeepSeekCheckpoints", "DeepSeekData",
        "DeepSeekJSON", "DeepSeekTokenizers",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekTrainingTests",
      dependencies: [
        "TestSupport", "DeepSeekTraining", "DeepSeekModels", "DeepSeekDynamic", "DeepSeekTensor", "DeepSeekOperators",
        "DeepSeekData", "DeepSeekCheckpoints", "DeepSeekRecords", "DeepSeekJSON", "DeepSeekGraph",
        "DeepSeekTokenizers", "TrainingProbe",
      ],
      exclude: ["make_fixtures.py"],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    // A training run that the tests kill.
    .executableTarget(
      name: "TrainingProbe",
      dependencies: [
        "DeepSeekTraining", "DeepSeekDynamic", "DeepSeekTensor", "DeepSeekOperators", "DeepSeekData",
      ],
      path: "Tests/TrainingProbe",
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekInterchangeTests",
      dependencies: [
        "TestSupport", "OperatorSamples", "DeepSeekDynamic", "DeepSeekStatic", "DeepSeekInterchange",
        "DeepSeekProtocols", "DeepSeekGraph", "DeepSeekOperators", "DeepSeekRecords", "DeepSeekCheckpoints",
        "DeepSeekJSON", "DeepSeekTensor", "DeepSeekModels",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: [
        "make_fixtures.py", "make_keras_fixtures.py", "make_onnx_fixtures.py", "make_conversions.py",
        "make_saved_model.py", "make_decoder_onnx.py", "make_sharded.py", "record_onnx.py", "record_real_models.py",
      ],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekDataTests",
      dependencies: [
        "TestSupport", "DeepSeekData", "DeepSeekRecords", "DeepSeekJSON", "DeepSeekTensor", "DeepSeekCheckpoints",
      ],
      exclude: ["make_fixtures.py", "make_bit_packed.py"],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekHubTests",
      dependencies: [
        "TestSupport", "DeepSeekHub", "DeepSeekJSON", "DeepSeekCheckpoints", "DeepSeek", "DeepSeekData",
        "DeepSeekModels", "DeepSeekTraining",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekEnginesTests",
      dependencies: [
        "TestSupport", "OperatorSamples", "DeepSeekEngines", "DeepSeekGraph", "DeepSeekDynamic", "DeepSeekStatic",
        "DeepSeekCheckpoints", "DeepSeekTensor", "DeepSeekOperators",
      ],
      exclude: ["make_fixtures.py"],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekCompatibilityTests",
      dependencies: [
        "TestSupport", "DeepSeekCompatibility", "DeepSeekStatic", "DeepSeekDynamic", "DeepSeekGraph",
        "DeepSeekOperators",
        "DeepSeekTensor", "DeepSeekData", "DeepSeekModels", "DeepSeekRecords", "DeepSeekCheckpoints",
      ],
      swiftSettings: strict),
    // What needs no parser; Tests/Migrate has the rest.
    .testTarget(
      name: "DeepSeekMigrationTests",
      dependencies: ["TestSupport", "DeepSeekMigration", "DeepSeekLegacyNames"],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekCommandTests",
      dependencies: [
        "DeepSeekCommand", "DeepSeekDynamic", "DeepSeekTraining", "DeepSeekJSON",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .testTarget(name: "DeepSeekJSONTests", dependencies: ["DeepSeekJSON"], swiftSettings: strict),
    .testTarget(
      name: "DeepSeekTokenizersTests",
      dependencies: ["TestSupport", "DeepSeekTokenizers", "DeepSeekJSON"],
      exclude: ["make_fixtures.py"],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "DeepSeekTemplatesTests",
      dependencies: ["TestSupport", "DeepSeekTemplates", "DeepSeekJSON"],
      exclude: ["make_fixtures.py", "Fixtures"],
      swiftSettings: strict),
  ]
)
