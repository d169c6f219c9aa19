import ArgumentParser
import CascadeCore
import CascadeJobs
import CascadeStorage

/// `cascade jobs schedule`: jobs that are queued again and again.
struct JobSchedulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Queue jobs every so often, or after so many new events.",
        subcommands: [Set.self, List.self, Remove.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a schedule, or replace the one of that name; the next job is waited for from now on.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The schedule's name.") var name: String
        @Argument(help: "What to do: import, train, index_rebuild or evaluate.") var kind: JobKind
        @Argument(help: "What the jobs are told, such as activate=false.") var parameters: [JobParameter] = []
        @Option(help: "How long from one to the next, such as 90m, 6h or 1d.") var every: String?
        @Option(help: "After about so many new events and impressions.") var afterEvents: Int64?
        @Option(help: "How often each job may be begun.") var attempts = JobsCommand.attempts

        func run() async throws {
            guard attempts > 0 else { throw ValidationError("--attempts must be 1 or more") }
            guard every != nil || afterEvents != nil else {
                throw ValidationError("a schedule needs --every or --after-events, or both")
            }
            if let afterEvents, afterEvents < 1 { throw ValidationError("--after-events must be 1 or more") }
            let params = try JobParameter.checked(kind, parameters)
            let seconds: Int64?
            do { seconds = try every.map(JobInterval.seconds) } catch {
                throw ValidationError(error.description)
            }
            try await Session.with(options) { session in
                try await session.storage.jobs.setSchedule(
                    name, kind, params: params, everySeconds: seconds, afterEvents: afterEvents, maxAttempts: attempts)
                for schedule in try await session.storage.jobs.schedules() where schedule.id == name {
                    Terminal.out(JobText.line(schedule))
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the schedules.")
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            try await Session.with(options) { session in
                let schedules = try await session.storage.jobs.schedules()
                for schedule in schedules { Terminal.out(JobText.line(schedule)) }
                if schedules.isEmpty { Terminal.out("none; `cascade jobs schedule set` adds one") }
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a schedule; its jobs stay.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The schedule's name.") var name: String

        func run() async throws {
            try await Session.with(options) { session in
                guard try await session.storage.jobs.removeSchedule(name) else {
                    throw CommandFailure("there is no schedule \(name); see `cascade jobs schedule list`")
                }
                Terminal.out("schedule \(name) is removed")
            }
        }
    }
}
