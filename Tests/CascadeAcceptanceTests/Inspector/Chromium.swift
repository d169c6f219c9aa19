import Foundation

/// A headless Chromium, where the machine has one: `CHROMIUM`, else the usual names in `PATH`.
struct Chromium: Sendable {
    static let missing = "no Chromium: install one, or set CHROMIUM to its program"
    static let url: URL? = {
        let environment = ProcessInfo.processInfo.environment
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let paths =
            [environment["CHROMIUM"]].compactMap { $0 }
            + names.flatMap { name in folders.map { "\($0)/\(name)" } }
        return paths.first { FileManager.default.isExecutableFile(atPath: $0) }.map { URL(fileURLWithPath: $0) }
    }()

    enum Failure: Error { case notThere, ended(Int32) }

    let width: Int
    let height: Int
    /// Whether the page is told that its reader prefers dark colours.
    var isDark = false

    /// The page at `address` as HTML after its scripts have run for so much of the browser's own time.
    ///
    /// - Parameter awaited: what must be in it. The browser's own time can run out between two answers of a busy server, so the page
    ///   is loaded up to five times for it; the last one is given, whether it has it or not.
    func page(_ address: String, with awaited: String, milliseconds: Int = 8000) async throws -> String {
        var page = ""
        for _ in 0..<5 where !page.contains(awaited) {
            page = try await withTemporaryFolder { folder in
                let output = folder.appendingPathComponent("page.html")
                try Data().write(to: output)
                let handle = try FileHandle(forWritingTo: output)
                defer { try? handle.close() }
                try await run(["--virtual-time-budget=\(milliseconds)", "--dump-dom", address], folder, handle)
                return String(decoding: try Data(contentsOf: output), as: UTF8.self)
            }
        }
        return page
    }

    /// A picture of the page at `address`.
    func picture(_ address: String, to file: URL, milliseconds: Int = 8000) async throws {
        try await withTemporaryFolder { folder in
            let arguments = [
                "--virtual-time-budget=\(milliseconds)", "--hide-scrollbars", "--screenshot=\(file.path)", address,
            ]
            try await run(arguments, folder, FileHandle.nullDevice)
        }
    }

    private func run(_ arguments: [String], _ folder: URL, _ output: FileHandle) async throws {
        guard let url = Self.url else { throw Failure.notThere }
        let process = Process()
        process.executableURL = url
        // Tests run as root in containers, where its own sandbox cannot be made; it loads the server of the test only.
        process.arguments =
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
                "--user-data-dir=\(folder.appendingPathComponent("profile").path)", "--window-size=\(width),\(height)",
                "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)",
            ] + arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        let code: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        guard code == 0 else { throw Failure.ended(code) }
    }

    private func withTemporaryFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cascade-page-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }
}
