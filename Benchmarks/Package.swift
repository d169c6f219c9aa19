// swift-tools-version: 6.2
import PackageDescription

// Measurements against other libraries; the other side of each is in `peers/`. `Sources` is a link to the sources of
// the main package, because `package` access ends at a package's border.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

let package = Package(
    name: "cascade-benchmarks",
    products: [
        .executable(name: "bench-hnsw", targets: ["bench-hnsw"]),
        .executable(name: "bench-logs", targets: ["bench-logs"]),
        .executable(name: "bench-ranker-scoring", targets: ["bench-ranker-scoring"]),
        .executable(name: "bench-ranker-training", targets: ["bench-ranker-training"]),
        .executable(name: "bench-retrieval-training", targets: ["bench-retrieval-training"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .target(
            name: "CFaiss",
            cxxSettings: [.headerSearchPath("openmp"), .unsafeFlags(["-O3", "-Wall", "-Wextra"])],
            linkerSettings: [
                .linkedLibrary("faiss"), .linkedLibrary("openblas"), .linkedLibrary("gomp"),
                .linkedLibrary("stdc++"),
            ]),
        .target(name: "CascadeIndex", dependencies: ["CFaiss"], swiftSettings: settings),
        .target(name: "CascadeCore", swiftSettings: settings),
        .executableTarget(
            name: "bench-hnsw", dependencies: ["CascadeCore", "CascadeIndex"], path: "hnsw", swiftSettings: settings),

        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas"),
        .target(
            name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-Wall", "-Wextra"])]),
        .target(name: "CascadeNN", dependencies: ["CKernels", "COpenBLAS"], swiftSettings: settings),
        .executableTarget(
            name: "bench-ranker-training", dependencies: ["CascadeNN"], path: "ranker_training",
            swiftSettings: settings),

        .target(name: "CascadeFeatures", dependencies: ["CascadeCore"], swiftSettings: settings),
        .target(
            name: "CascadeModels", dependencies: ["CascadeCore", "CascadeFeatures", "CascadeNN", crypto],
            swiftSettings: settings),
        .target(name: "BenchmarkSupport", path: "support", swiftSettings: settings),
        .executableTarget(
            name: "bench-ranker-scoring",
            dependencies: ["BenchmarkSupport", "CascadeCore", "CascadeFeatures", "CascadeModels", "CascadeNN"],
            path: "ranker_scoring", swiftSettings: settings),

        .target(
            name: "CascadeTraining",
            dependencies: ["CascadeCore", "CascadeFeatures", "CascadeModels", "CascadeIndex", "CascadeNN"],
            swiftSettings: settings),
        .executableTarget(
            name: "bench-retrieval-training",
            dependencies: [
                "BenchmarkSupport", "CascadeCore", "CascadeFeatures", "CascadeModels", "CascadeNN", "CascadeTraining",
            ],
            path: "retrieval_training", swiftSettings: settings),

        .systemLibrary(name: "CPostgres", pkgConfig: "libpq"),
        .target(name: "CascadePostgres", dependencies: ["CPostgres", crypto, logging], swiftSettings: settings),
        .target(
            name: "CascadeStorage", dependencies: ["CascadeCore", "CascadePostgres", logging], swiftSettings: settings),
        .executableTarget(
            name: "bench-logs", dependencies: ["CascadeCore", "CascadePostgres", "CascadeStorage"], path: "logs",
            exclude: ["limited.py", "run.sh"], swiftSettings: settings),
    ],
    cLanguageStandard: .c17,
    cxxLanguageStandard: .cxx17
)
