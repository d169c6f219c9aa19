package import CascadeCore
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Does jobs by commands of this program, each in a process of its own: it has its own memory and threads, can be stopped at any
/// moment, and ends with the worker, whose end it sees at its standard input.
package struct JobProcess: JobExecutor {
    /// Set in processes that do a job; its value is the job's identifier.
    package static let variable = "CASCADE_JOB"

    /// The path of the program.
    let program: String
    /// Arguments behind those of the job, such as the configuration file.
    let shared: [String]
    /// Variables beside those of this process, such as where the database is: passwords do not belong among arguments, which
    /// every user of the machine can see.
    let variables: [String: String]
    /// Time that a process has to end by itself when it is stopped.
    let grace: Duration

    package init(
        program: String, shared: [String] = [], variables: [String: String] = [:], grace: Duration = .seconds(10)
    ) {
        self.program = program
        self.shared = shared
        self.variables = variables
        self.grace = grace
    }

    package func execute(_ job: Job, say: @escaping @Sendable (String) -> Void) async -> JobOutcome {
        let arguments: [String]
        do { arguments = try JobArguments.of(job.kind, job.params) } catch {
            return .failed(error.description, retryAfter: nil)
        }
        let child = ChildProcess(
            program: program, arguments: arguments + shared,
            variables: variables.merging([Self.variable: job.id]) { $1 }, say: say)
        let status: Int32
        do {
            status = try await withTaskCancellationHandler {
                try await child.run()
            } onCancel: {
                child.stop(after: grace)
            }
        } catch {
            return .failed("\(error)", retryAfter: Self.pause(behind: job.attempts))
        }
        if Task.isCancelled { return .cancelled }
        return switch status {
        case 0: .succeeded
        // Usage and failed checks: another attempt gives the same.
        case 2, 3: .failed("exit code \(status): \(child.lastLine)", retryAfter: nil)
        default: .failed("exit code \(status): \(child.lastLine)", retryAfter: Self.pause(behind: job.attempts))
        }
    }

    /// Seconds before the attempt behind so many: half a minute, then twice as long each time, an hour at most.
    static func pause(behind attempts: Int) -> Double { min(3600, 30 * Double(1 << min(10, max(0, attempts - 1)))) }
}

/// A process whose output is read line by line.
private final class ChildProcess: Sendable {
    private let process: Mutex<Process>
    private let say: @Sendable (String) -> Void
    private let last = Mutex("")
    private let isRead = Mutex(false)
    private let program: String

    init(
        program: String, arguments: [String], variables: [String: String], say: @escaping @Sendable (String) -> Void
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        self.process = Mutex(process)
        self.say = say
        self.program = program
    }

    var lastLine: String { last.withLock { $0 } }

    /// Runs to its end, also when its task is cancelled; gives the exit status, or 128 and the signal that ended it.
    func run() async throws -> Int32 {
        let (input, output) = (Pipe(), Pipe())
        let status = try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Int32, any Error>) in
            process.withLock { process in
                process.standardInput = input
                process.standardOutput = output
                process.standardError = output
                process.terminationHandler = { process in
                    let isSignalled = process.terminationReason == .uncaughtSignal
                    ended.resume(returning: isSignalled ? 128 + process.terminationStatus : process.terminationStatus)
                }
                do {
                    try process.run()
                    try? output.fileHandleForWriting.close()
                } catch {
                    process.terminationHandler = nil
                    ended.resume(throwing: JobError.notStarted(program: program, reason: error.localizedDescription))
                }
            }
            let reader = Thread { [self] in read(output.fileHandleForReading.fileDescriptor) }
            reader.name = "job output"
            reader.start()
        }
        // Held open until here: its end tells the process that its worker is gone.
        try? input.fileHandleForWriting.close()
        // What it wrote last may still be read; a process that it left behind may keep the pipe open for ever.
        for _ in 0..<40 where !isRead.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(50)) }
        return status
    }

    /// Asks the process to end, and ends it when it does not.
    func stop(after grace: Duration) {
        signal(SIGTERM)
        Task.detached { [self] in
            try? await Task.sleep(for: grace)
            signal(SIGKILL)
        }
    }

    private func signal(_ signal: Int32) {
        process.withLock { process in if process.isRunning { kill(process.processIdentifier, signal) } }
    }

    /// Hands on the lines of the output until it ends. Blocks.
    private func read(_ descriptor: Int32) {
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        var rest: [UInt8] = []
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest += chunk.prefix(count)
            while let end = rest.firstIndex(where: { $0 == 10 || $0 == 13 }) {
                hand(on: rest[..<end])
                rest.removeFirst(end + 1)
            }
        }
        hand(on: rest[...])
        isRead.withLock { $0 = true }
    }

    private func hand(on bytes: ArraySlice<UInt8>) {
        let line = String(decoding: bytes, as: UTF8.self)
        guard !line.allSatisfy(\.isWhitespace) else { return }
        last.withLock { $0 = line }
        say(line)
    }
}
