import CascadeCore

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
        return log
    }
}
