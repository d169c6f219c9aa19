import CascadeCore
import CascadeTestSupport
import Foundation
import Synchronization
import Testing

@testable import CascadeJobs

@Suite struct JobProcessTests {
    private static let job = Job(
        id: "job_1", kind: .train, params: [:], state: .running, scheduleID: nil, createdAt: .now, dueAt: .now,
        startedAt: .now, finishedAt: nil, attempts: 2, maxAttempts: 3, worker: "w", isCancelRequested: false,
        progress: nil, error: nil)

    /// Runs a shell script in the place of the program.
    private func run(_ script: String, grace: Duration = .seconds(10), in url: URL) -> (JobProcess, URL) {
        let program = url.appendingPathComponent("program")
        _ = FileManager.default.createFile(
            atPath: program.path, contents: Data("#!/bin/sh\n\(script)\n".utf8), attributes: [.posixPermissions: 0o755])
        return (JobProcess(program: program.path, shared: ["--config=c"], variables: ["A": "b"], grace: grace), program)
    }

    @Test func aProcessIsToldWhatToDoAndHeard() async throws {
        try await withTemporaryDirectory { url in
            let (process, _) = run("echo \"$@\"; echo \"$CASCADE_JOB $A\" >&2; printf 'no end of line'", in: url)
            let lines = Mutex<[String]>([])
            let outcome = await process.execute(Self.job) { line in lines.withLock { $0.append(line) } }
            #expect(outcome == .succeeded)
            #expect(lines.withLock { $0 } == ["train --resume --config=c", "job_1 b", "no end of line"])
        }
    }

    @Test func howAProcessEndedDecidesAboutAnotherAttempt() async throws {
        try await withTemporaryDirectory { url in
            for (script, wanted) in [
                ("echo 'error: no'; exit 1", JobOutcome.failed("exit code 1: error: no", retryAfter: 60)),
                ("echo usage; exit 2", .failed("exit code 2: usage", retryAfter: nil)),
                ("echo check; exit 3", .failed("exit code 3: check", retryAfter: nil)),
                ("echo x; kill -9 $$", .failed("exit code 137: x", retryAfter: 60)),
            ] {
                let (process, _) = run(script, in: url)
                #expect(await process.execute(Self.job) { _ in } == wanted, "\(script)")
            }
            let missing = JobProcess(program: url.appendingPathComponent("none").path)
            guard case .failed(let reason, _) = await missing.execute(Self.job, say: { _ in }) else {
                Issue.record("a program that is not there was run")
                return
            }
            #expect(reason.contains("none"))
            var odd = Self.job
            odd.params = ["unitl": "x"]
            guard case .failed(let why, nil) = await missing.execute(odd, say: { _ in }) else {
                Issue.record("a parameter that is not known was taken")
                return
            }
            #expect(why.contains("unitl"))
        }
    }

    @Test(arguments: ["trap 'exit 0' TERM", "trap '' TERM"])
    func aProcessThatIsStoppedIsGoneBeforeItsJobEnds(trap: String) async throws {
        try await withTemporaryDirectory { url in
            let (process, _) = run(
                "\(trap); echo $$; while true; do sleep 0.05; done", grace: .milliseconds(300), in: url)
            let pid = Mutex<Int32?>(nil)
            let task = Task { await process.execute(Self.job) { line in pid.withLock { $0 = Int32(line) } } }
            while pid.withLock({ $0 }) == nil { try await Task.sleep(for: .milliseconds(10)) }
            task.cancel()
            #expect(await task.value == .cancelled)
            #expect(kill(try #require(pid.withLock { $0 }), 0) != 0)
        }
    }

    @Test func pausesGrowToAnHour() {
        #expect([1, 2, 3, 8, 100].map(JobProcess.pause(behind:)) == [30, 60, 120, 3600, 3600])
    }
}
