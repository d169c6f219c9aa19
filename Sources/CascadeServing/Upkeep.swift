package import Logging
import ServiceLifecycle

/// Does a piece of upkeep again and again beside the requests. Servers do it at the same time, so it has to be of the kind that
/// comes out the same.
package struct Upkeep: Service {
    private let what: String
    private let interval: Duration
    private let logger: Logger
    private let work: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - what: what is not done while `work` fails, such as "counters cannot be folded".
    ///   - interval: between two times; the first is at the start.
    package init(
        _ what: String, every interval: Duration, logger: Logger, work: @escaping @Sendable () async throws -> Void
    ) {
        self.what = what
        self.interval = interval
        self.logger = logger
        self.work = work
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var isFailing = false
            repeat {
                do {
                    try await work()
                    isFailing = false
                } catch is CancellationError {
                    return
                } catch {
                    if !isFailing { logger.warning("\(what)", metadata: ["error": "\(error)"]) }
                    isFailing = true
                }
            } while (try? await Task.sleep(for: interval)) != nil
        }
    }
}
