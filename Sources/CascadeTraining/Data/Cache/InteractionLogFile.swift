import CascadeCore
import CascadeModels

/// An interaction log in a file of columns.
enum InteractionLogFile {
    /// What is not a column.
    private struct Header: Codable {
        var users: [String] = []
        var items: [String] = []
        var signals: [String] = []
        var surfaces: [String] = []
        var answeringUsers: [String]?
        var answeredItems: [String]?
        /// In the order of their columns.
        var values: [String] = []
    }

    static func write(_ log: InteractionLog, to path: String) throws {
        let valued = log.values.keys.sorted()
        let file = try ColumnFileWriter(
            path,
            header: Header(
                users: log.users.map(\.rawValue), items: log.items.map(\.rawValue), signals: log.signals,
                surfaces: log.surfaces, answeringUsers: log.answers?.users.map(\.rawValue),
                answeredItems: log.answers?.items.map(\.rawValue), values: valued))
        try file.column(log.userIndex)
        try file.column(log.itemIndex)
        try file.column(log.time)
        try file.column(log.feedback)
        try file.column(log.observed)
        try file.column(log.isImpression)
        try file.column(log.position)
        try file.column(log.surface)
        try file.column(log.declared)
        for name in valued { try file.column(log.values[name] ?? Column()) }
        if let answers = log.answers {
            try file.column(answers.userIndex)
            try file.column(answers.itemIndex)
            try file.column(answers.time)
            try file.column(answers.signal)
        }
        try file.close()
    }

    /// - Parameter place: where what is made of its columns grows.
    static func read(_ path: String, place: ColumnPlace = .memory) throws -> InteractionLog {
        var header = Header()
        var file = try ColumnFileReader(path, header: &header, at: place)
        var log = InteractionLog()
        log.users = header.users.map(UserID.init)
        log.items = header.items.map(ItemID.init)
        log.signals = header.signals
        log.surfaces = header.surfaces
        log.userIndex = try file.column(Int32.self)
        log.itemIndex = try file.column(Int32.self)
        log.time = try file.column(Int64.self)
        log.feedback = try file.column(UInt32.self)
        log.observed = try file.column(UInt32.self)
        log.isImpression = try file.column(Bool.self)
        log.position = try file.column(Int16.self)
        log.surface = try file.column(UInt8.self)
        log.declared = try file.column(UInt32.self)
        for name in header.values { log.values[name] = try file.column(Float.self) }
        if let users = header.answeringUsers, let items = header.answeredItems {
            var answers = AnswerLog()
            answers.users = users.map(UserID.init)
            answers.items = items.map(ItemID.init)
            answers.userIndex = try file.column(Int32.self)
            answers.itemIndex = try file.column(Int32.self)
            answers.time = try file.column(Int64.self)
            answers.signal = try file.column(UInt8.self)
            log.answers = answers
        }
        guard isSound(log) else {
            throw ModelError.corruptArtifact(file: path, reason: "its columns do not fit together")
        }
        return log
    }

    /// Whether columns are of one length and indices are of the dictionaries.
    private static func isSound(_ log: InteractionLog) -> Bool {
        let rows = log.count
        let whole = [
            log.itemIndex.count, log.time.count, log.feedback.count, log.observed.count, log.isImpression.count,
        ]
        let optional = [log.position.count, log.surface.count, log.declared.count]
        guard whole.allSatisfy({ $0 == rows }), optional.allSatisfy({ $0 == 0 || $0 == rows }),
            log.values.values.allSatisfy({ $0.count == rows }),
            are(log.userIndex, below: log.users.count), are(log.itemIndex, below: log.items.count),
            log.surface.allSatisfy({ Int($0) <= log.surfaces.count })
        else { return false }
        guard let answers = log.answers else { return true }
        return [answers.userIndex.count, answers.itemIndex.count, answers.signal.count]
            .allSatisfy { $0 == answers.count }
            && are(answers.userIndex, below: answers.users.count)
            && are(answers.itemIndex, below: answers.items.count)
            && answers.signal.allSatisfy { Int($0) < log.signals.count }
    }

    private static func are(_ indices: Column<Int32>, below count: Int) -> Bool {
        indices.allSatisfy { $0 >= 0 && Int($0) < count }
    }
}
