import ArgumentParser
import CascadeCore
import CascadeJobs
import CascadeStorage
import Foundation

/// `cascade jobs`: long work that workers (`cascade work`) do.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Queue, follow, give up and schedule what workers do.",
        subcommands: [Add.self, List.self, Show.self, Cancel.self, Retry.self, JobSchedulesCommand.self])

    /// How often a job may be begun where nothing else is said.
    static let attempts = 3

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Queue a job.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "What to do: import, train, index_rebuild or evaluate.") var kind: JobKind
        @Argument(help: "What it is told, such as until=2026-01-31 activate=false.") var parameters: [JobParameter] = []
        @Option(help: "How often it may be begun.") var attempts = JobsCommand.attempts

        func run() async throws {
            guard attempts > 0 else { throw ValidationError("--attempts must be 1 or more") }
            let params = try JobParameter.checked(kind, parameters)
            try await Session.with(options) { session in
                let job = try await session.storage.jobs.add(kind, params: params, maxAttempts: attempts)
                Terminal.out("job \(job.id) is queued; a worker (`cascade work`) does it")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List jobs, newest first.")
        @OptionGroup var options: GlobalOptions
        @Option(help: "Only those queued, running, succeeded, failed or cancelled.") var state: JobState?
        @Option(name: .shortAndLong, help: "Jobs to list.") var number = 20

        func run() async throws {
            guard number > 0 else { throw ValidationError("--number must be 1 or more") }
            try await Session.with(options) { session in
                let jobs = try await session.storage.jobs.jobs(state: state, limit: number)
                for job in jobs { Terminal.out(JobText.line(job)) }
                if jobs.isEmpty { Terminal.out("none; `cascade jobs add` queues one") }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a job and what it said.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The job.") var id: String
        @Flag(help: "Go on showing what it says until it ends.") var follow = false

        func run() async throws {
            try await Session.with(options) { session in
                var job = try await JobsCommand.job(id, session)
                for line in JobText.lines(job) { Terminal.out(line) }
                var last: Int64 = 0
                while true {
                    let isFinal = job.state.isFinal
                    var lines = try await session.storage.jobs.log(of: id, after: last, limit: 1000)
                    while !lines.isEmpty {
                        for line in lines { Terminal.out("\(line.at.rfc3339)  \(line.attempt)  \(line.text)") }
                        last = lines[lines.count - 1].number
                        lines = try await session.storage.jobs.log(of: id, after: last, limit: 1000)
                    }
                    guard follow, !isFinal else { break }
                    try await Task.sleep(for: .seconds(1))
                    job = try await JobsCommand.job(id, session)
                }
                if follow { Terminal.out("job \(id) is \(job.state.rawValue)") }
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a job up, also one that runs.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The job.") var id: String

        func run() async throws {
            try await Session.with(options) { session in
                _ = try await JobsCommand.job(id, session)
                guard let job = try await session.storage.jobs.cancel(id) else {
                    throw CommandFailure("job \(id) has ended already; see `cascade jobs show \(id)`")
                }
                Terminal.out(
                    job.state.isFinal
                        ? "job \(id) is given up" : "job \(id) is given up as soon as its worker hears of it")
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Queue a job anew that failed or was given up.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The job.") var id: String

        func run() async throws {
            try await Session.with(options) { session in
                let former = try await JobsCommand.job(id, session)
                guard try await session.storage.jobs.retry(id) != nil else {
                    throw CommandFailure(
                        "job \(id) is \(former.state.rawValue); only one that failed or was cancelled can be queued anew"
                    )
                }
                Terminal.out("job \(id) is queued")
            }
        }
    }

    /// The job of that identifier; throws for one that is not known.
    private static func job(_ id: String, _ session: Session) async throws -> Job {
        guard let job = try await session.storage.jobs.job(id) else {
            throw CommandFailure("there is no job \(id); see `cascade jobs list`")
        }
        return job
    }
}

extension JobState: ExpressibleByArgument {}
