/// The events that say which impression or recommendation they answer, with their own times, in columns.
package struct AnswerLog: Sendable {
    /// Dictionary of users, in no order; they need not be those of the interactions.
    package var users: [UserID] = []
    /// Dictionary of items, in no order.
    package var items: [ItemID] = []
    /// [answers] index of the user.
    package var userIndex: Column<Int32> = []
    /// [answers] index of the item.
    package var itemIndex: Column<Int32> = []
    /// [answers] time in microseconds since 1970.
    package var time: Column<Int64> = []
    /// [answers] index in the interactions' `signals`.
    package var signal: Column<UInt8> = []

    /// An empty one whose columns grow at `place`.
    package init(at place: ColumnPlace = .memory) {
        userIndex = Column(at: place)
        itemIndex = Column(at: place)
        time = Column(at: place)
        signal = Column(at: place)
    }

    package var count: Int { time.count }

    /// The answers that `include` takes, in their order, with the same dictionaries.
    package func rows(where include: (Int) -> Bool) -> AnswerLog {
        var result = AnswerLog(at: time.place)
        result.users = users
        result.items = items
        for row in 0..<count where include(row) {
            result.userIndex.append(userIndex[row])
            result.itemIndex.append(itemIndex[row])
            result.time.append(time[row])
            result.signal.append(signal[row])
        }
        return result
    }
}
