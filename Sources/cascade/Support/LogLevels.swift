import Logging

/// The names of log levels in the configuration.
enum LogLevels {
    static let names = Logger.Level.allCases.map(\.rawValue)

    static func level(named name: String) -> Logger.Level? { Logger.Level(rawValue: name) }
}
