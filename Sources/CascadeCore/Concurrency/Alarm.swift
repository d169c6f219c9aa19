import Synchronization

/// Something that is done at a moment, unless it is called off before.
package final class Alarm: Sendable {
    private let action: Mutex<(@Sendable () -> Void)?>

    /// - Parameter action: must be short: whoever rings is kept meanwhile.
    package init(_ action: @escaping @Sendable () -> Void) { self.action = Mutex(action) }

    /// Calls it off, and lets go what the action holds on to. Gives false where it was done, or is being done.
    @discardableResult package func cancel() -> Bool { take() != nil }

    /// Does it now, unless it was done or called off.
    package func ring() { take()?() }

    /// Whether it was done or called off.
    var isOver: Bool { action.withLock { $0 == nil } }

    private func take() -> (@Sendable () -> Void)? {
        action.withLock { action in
            defer { action = nil }
            return action
        }
    }
}
