package import Logging
import ServiceLifecycle

/// Moves what was counted lately to where reads are fast, every few seconds; several servers take turns.
package struct CounterFolder: Service {
    /// Between two folds; what is not folded yet is read all the same.
    package static let interval: Duration = .seconds(5)

    private let fold: @Sendable () async throws -> Void
    private let every: Duration
    private let logger: Logger

    /// - Parameter fold: folds; see `PostgresCounterStore.fold`.
    package init(
        every: Duration = interval, logger: Logger, fold: @escaping @Sendable () async throws -> Void
    ) {
        self.every = every
        self.logger = logger
        self.fold = fold
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var isFailing = false
            while (try? await Task.sleep(for: every)) != nil {
                do {
                    try await fold()
                    isFailing = false
                } catch is CancellationError {
                    return
                } catch {
                    if !isFailing {
                        logger.warning("counters cannot be folded", metadata: ["error": "\(error)"])
                    }
                    isFailing = true
                }
            }
        }
    }
}
