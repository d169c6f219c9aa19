import Foundation
import Synchronization

/// A page in a headless Chromium that a test can act on, over the browser's debugging protocol through pipes: messages of JSON, each
/// ended by a zero byte.
actor BrowserTab {
    enum Failure: Error { case notThere, noPipe(Int32), refused(String), late(String) }

    private let width: Int
    private let process: Process
    private let input: FileHandle
    private let output: FileHandle
    private var answers: AsyncStream<Data>.Iterator
    private var session = ""
    private var number = 0

    /// Opens `address` in a browser of its own while `body` runs.
    static func with(
        _ address: String, width: Int, _ body: @Sendable (BrowserTab) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cascade-tab-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let tab = try BrowserTab(folder, width: width)
        do {
            try await tab.open(address)
            try await body(tab)
        } catch {
            await tab.end()
            throw error
        }
        await tab.end()
    }

    private init(_ folder: URL, width: Int) throws {
        guard let url = Chromium.url else { throw Failure.notThere }
        self.width = width
        func pipe(_ name: String) throws -> (path: String, handle: FileHandle) {
            let path = folder.appendingPathComponent(name).path
            guard mkfifo(path, 0o600) == 0 else { throw Failure.noPipe(errno) }
            // For both ways, so that opening waits for nobody.
            let descriptor = Foundation.open(path, O_RDWR)
            guard descriptor >= 0 else { throw Failure.noPipe(errno) }
            return (path, FileHandle(fileDescriptor: descriptor, closeOnDealloc: true))
        }
        let (commands, events) = (try pipe("commands"), try pipe("events"))
        (input, output) = (commands.handle, events.handle)
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", #"exec "$0" "$@" 3<"$COMMANDS" 4>"$EVENTS""#, url.path, "--headless=new", "--no-sandbox",
            "--disable-gpu",
            "--no-first-run", "--disable-dev-shm-usage", "--remote-debugging-pipe",
            "--user-data-dir=\(folder.appendingPathComponent("profile").path)", "about:blank",
        ]
        var environment = ProcessInfo.processInfo.environment
        environment["COMMANDS"] = commands.path
        environment["EVENTS"] = events.path
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let (stream, feed) = AsyncStream.makeStream(of: Data.self)
        answers = stream.makeAsyncIterator()
        let rest = Mutex(Data())
        output.readabilityHandler = { handle in
            let data = handle.availableData
            rest.withLock { rest in
                rest.append(data)
                while let end = rest.firstIndex(of: 0) {
                    feed.yield(Data(rest[rest.startIndex..<end]))
                    rest = Data(rest[rest.index(after: end)...])
                }
            }
        }
        try process.run()
    }

    private func end() {
        output.readabilityHandler = nil
        process.terminate()
    }

    private func open(_ address: String) async throws {
        let target = try await send("Target.createTarget", ["url": "about:blank"])
        let attached = try await send(
            "Target.attachToTarget", ["targetId": target["targetId"] as? String ?? "", "flatten": true])
        session = attached["sessionId"] as? String ?? ""
        let size: [String: Any] = ["width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false]
        _ = try await send("Emulation.setDeviceMetricsOverride", size)
        _ = try await send("Page.navigate", ["url": address])
    }

    /// The value of an expression as text, once it is neither null nor false; it is asked for ten times a second.
    @discardableResult
    func wait(for expression: String, seconds: Int = 60) async throws -> String {
        for _ in 0..<(seconds * 10) {
            // What it asks of may not be there yet.
            let value = try await evaluate("(() => { try { return (\(expression)) || '' } catch { return '' } })()")
            if !value.isEmpty { return value }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Failure.late(expression)
    }

    /// The value of an expression as text.
    func evaluate(_ expression: String) async throws -> String {
        let answer = try await send("Runtime.evaluate", ["expression": "String(\(expression))", "returnByValue": true])
        if answer["exceptionDetails"] != nil { throw Failure.refused(expression) }
        return (answer["result"] as? [String: Any])?["value"] as? String ?? ""
    }

    private func send(_ method: String, _ parameters: [String: Any]) async throws -> [String: Any] {
        number += 1
        let mine = number
        var message: [String: Any] = ["id": mine, "method": method, "params": parameters]
        if !session.isEmpty { message["sessionId"] = session }
        try input.write(contentsOf: try JSONSerialization.data(withJSONObject: message) + Data([0]))
        var answers = self.answers
        defer { self.answers = answers }
        while let data = await answers.next(isolation: #isolation) {
            let answer = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
            guard answer["id"] as? Int == mine else { continue }
            guard let result = answer["result"] as? [String: Any] else { throw Failure.refused(method) }
            return result
        }
        throw Failure.late(method)
    }
}
