// swift-tools-version: 6.1
// What needs the package trait `Migrate`: a package of its own, so that no other test waits for swift-syntax.
import PackageDescription

let package = Package(
  name: "Migrate",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "DeepSeek", path: "../..", traits: ["Migrate"])],
  targets: [
    // What compares tensors needs the framework.
    .target(name: "TestSupport", path: "TestSupport", exclude: ["Patterns.swift", "SameBits.swift"]),
    .testTarget(
      name: "MigrateTests",
      dependencies: ["TestSupport", .product(name: "DeepSeekMigration", package: "DeepSeek")],
      path: "MigrateTests",
      resources: [.copy("Fixtures")],
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
      ]),
  ]
)
