import CascadeConfig
import Foundation

/// Finds the files that come with the program: beside the working directory, or above the executable.
enum ProjectFiles {
    static func locate(_ name: String) throws -> URL {
        var candidates = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
        if let home = ProcessInfo.processInfo.environment["CASCADE_HOME"] {
            candidates.insert(URL(fileURLWithPath: home), at: 0)
        }
        var above = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        for _ in 0..<6 {
            above.deleteLastPathComponent()
            candidates.append(above)
        }
        candidates.append(URL(fileURLWithPath: "/usr/share/cascade"))
        for candidate in candidates {
            let url = candidate.appendingPathComponent(name)
            if FileManager.default.fileExists(atPath: url.path) { return url }
        }
        throw ConfigError.unreadable(
            file: name, reason: "not found; run inside the project, or set CASCADE_HOME to its folder")
    }
}
