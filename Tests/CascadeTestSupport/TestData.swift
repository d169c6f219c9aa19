package import Foundation
package import Testing

/// The real data sets, which are not part of the repository.
package enum TestData {
    /// The directory named by `CASCADE_DATA_DIR`; nil where it is unset or missing.
    package static let directory: URL? = {
        guard let path = ProcessInfo.processInfo.environment["CASCADE_DATA_DIR"],
            FileManager.default.fileExists(atPath: path)
        else { return nil }
        return URL(fileURLWithPath: path, isDirectory: true)
    }()

    /// A file or directory inside `directory`; throws where there is none.
    package static func url(_ path: String) throws -> URL {
        guard let directory else { throw CocoaError(.fileNoSuchFile) }
        return directory.appendingPathComponent(path)
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test, and says so, where the real data sets are not at hand.
    package static var needsData: Self {
        .enabled(if: TestData.directory != nil, "set CASCADE_DATA_DIR to the directory of the data sets")
    }
}
