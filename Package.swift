// swift-tools-version: 6.2
import Foundation
import PackageDescription

// One place for the settings that every target keeps: Swift 6 language mode comes with the tools version; the
// upcoming features make existential types and imports visible; warnings are errors.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// Kernels are numeric loops: they are optimised in debug builds too, so that the tests run at their real speed.
let kernelFlags: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-Wall", "-Wextra"])]

func library(
    _ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil, linker: [LinkerSetting] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, resources: resources, swiftSettings: strict, linkerSettings: linker)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies, exclude: [],
        swiftSettings: strict)
}

/// A measurement; what stands on the other side of it is in `Benchmarks/peers`.
func benchmark(
    _ name: String, in folder: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Benchmarks/" + folder, exclude: exclude, swiftSettings: strict)
}

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let heaps = Target.Dependency.product(name: "HeapModule", package: "swift-collections")

let package = Package(
    name: "cascade",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "cascade", targets: ["cascade"]),
        .library(name: "CascadeClient", targets: ["CascadeClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // System libraries and C.
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CKernels", cSettings: kernelFlags),
        .target(
            name: "CFaiss",
            cxxSettings: [.headerSearchPath("openmp"), .unsafeFlags(["-O3", "-Wall", "-Wextra"])],
            linkerSettings: [
                .linkedLibrary("faiss"), .linkedLibrary("openblas"), .linkedLibrary("gomp"),
                .linkedLibrary("stdc++"),
            ]),

        // For other programs; knows nothing of the rest.
        library("CascadeClient", []),

        // Inward to outward.
        library("CascadeCore", [heaps]),
        library("CascadeObservability", ["CascadeCore", logging]),
        library("CascadeConfig", [yams]),
        library("CascadeNN", ["CKernels", "COpenBLAS"]),
        library("CascadeFeatures", ["CascadeCore"]),
        library("CascadeModels", ["CascadeCore", "CascadeFeatures", "CascadeNN", crypto]),
        library("CascadeIndex", ["CFaiss"]),
        library("CascadePostgres", ["CPostgres", logging, crypto]),
        library("CascadeStorage", ["CascadeCore", "CascadePostgres", logging]),
        library("CascadeJobs", ["CascadeCore", logging]),
        library("CascadeData", ["CascadeCore", "CascadeConfig", "CZlib"]),
        library("CascadePipeline", ["CascadeCore", "CascadeObservability", logging]),
        library(
            "CascadeServing",
            [
                "CascadeCore", "CascadeFeatures", "CascadeModels", "CascadeIndex", "CascadePipeline",
                "CascadeObservability", logging, lifecycle,
            ]),
        library(
            "CascadeTraining",
            ["CascadeCore", "CascadeFeatures", "CascadeModels", "CascadeIndex", "CascadeNN"]),
        library(
            "CascadeServer",
            [
                "CascadeCore", "CascadeJobs", "CascadePipeline", "CascadeObservability", "CZlib", hummingbird,
                hummingbirdCore, httpTypes, nioCore, nioPosix, lifecycle, crypto, logging,
            ],
            // Part of the program: it shows its page also where nothing but its file was copied.
            resources: [.embedInCode("Inspector/Page")]),
        .executableTarget(
            name: "cascade",
            dependencies: [
                "CascadeCore", "CascadeConfig", "CascadeObservability", "CascadeNN", "CascadeFeatures", "CascadeModels",
                "CascadePostgres", "CascadeStorage", "CascadeData", "CascadeJobs", "CascadePipeline", "CascadeServing",
                "CascadeTraining", "CascadeServer", arguments, logging, lifecycle, signals, hummingbird,
            ],
            swiftSettings: strict),

        // Measurements against other libraries.
        .target(name: "BenchmarkSupport", path: "Benchmarks/support", swiftSettings: strict),
        benchmark("bench-hnsw", in: "hnsw", ["CascadeCore", "CascadeIndex"]),
        benchmark(
            "bench-logs", in: "logs", ["CascadeCore", "CascadePostgres", "CascadeStorage"],
            exclude: ["limited.py", "run.sh"]),
        benchmark("bench-products", in: "products", ["CKernels", "COpenBLAS"]),
        benchmark(
            "bench-ranker-scoring", in: "ranker_scoring",
            ["BenchmarkSupport", "CascadeCore", "CascadeFeatures", "CascadeModels", "CascadeNN"]),
        benchmark("bench-ranker-training", in: "ranker_training", ["CascadeNN"]),
        benchmark(
            "bench-retrieval-training", in: "retrieval_training",
            [
                "BenchmarkSupport", "CascadeCore", "CascadeFeatures", "CascadeModels", "CascadeNN", "CascadeTraining",
            ]),

        // Tests: one target a target, a support library, and the whole path in process.
        .target(
            name: "CascadeTestSupport", dependencies: ["CascadePostgres"],
            path: "Tests/CascadeTestSupport", swiftSettings: strict),
        .target(
            name: "CascadeFuzzing", dependencies: ["CascadeCore"], path: "Tests/CascadeFuzzing", swiftSettings: strict),
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        tests("CascadeCore", []),
        tests("CascadeObservability", ["CascadeCore", logging]),
        tests("CascadeConfig", []),
        tests("CascadeNN", ["CKernels", "CAllocationCounter"]),
        tests("CascadeFeatures", ["CascadeCore"]),
        tests("CascadeModels", ["CascadeTestSupport", "CascadeCore", "CascadeFeatures", "CascadeNN"]),
        tests("CascadeIndex", ["CFaiss"]),
        tests("CascadePostgres", ["CascadeTestSupport", "CascadeCore"]),
        tests("CascadeStorage", ["CascadeTestSupport", "CascadeCore", "CascadePostgres"]),
        tests("CascadeJobs", ["CascadeTestSupport", "CascadeCore", "CascadePostgres", "CascadeStorage", logging]),
        tests("CascadeData", ["CascadeCore", "CascadeConfig", "CascadeFuzzing"]),
        tests("CascadePipeline", ["CascadeCore", "CascadeObservability", logging]),
        tests(
            "CascadeServing",
            [
                "CascadeCore", "CascadeFeatures", "CascadeModels", "CascadeNN", "CascadeIndex", "CascadePipeline",
                "CascadeObservability", logging,
            ]),
        tests(
            "CascadeTraining",
            [
                "CascadeTestSupport", "CascadeCore", "CascadeData", "CascadePostgres", "CascadeStorage",
                "CascadeFeatures", "CascadeIndex", "CascadeModels", "CascadeNN",
            ]),
        tests(
            "CascadeServer",
            [
                "CascadeClient", "CascadeCore", "CascadeFuzzing", "CascadePipeline", "CascadeObservability",
                hummingbird,
                hummingbirdTesting, httpTypes,
                nioCore, lifecycle, logging,
            ]),
        .testTarget(
            name: "CascadeBenchmarkTests",
            dependencies: ["CascadeTestSupport", "CascadeCore", "CascadePostgres", "CascadeStorage"],
            swiftSettings: strict),
        .testTarget(
            name: "CascadeAcceptanceTests",
            dependencies: [
                "cascade", "CascadeTestSupport", "CascadeCore", "CascadeData", "CascadeModels", "CascadePipeline",
                "CascadeFeatures", "CascadeObservability", "CascadePostgres", "CascadeServer", "CascadeServing",
                "CascadeStorage",
                "CascadeTraining", arguments, httpTypes, hummingbird, hummingbirdTesting, nioCore, lifecycle, logging,
            ],
            swiftSettings: strict),
    ],
    cLanguageStandard: .c17,
    cxxLanguageStandard: .cxx17
)
