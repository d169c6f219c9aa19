package import CascadeCore

/// Stands for a user in log lines: the same user always gives the same text, and the text does not give the user.
package struct UserIDHash: Sendable {
    private let salt: UInt64

    /// - Parameter salt: a number that only the operator knows, so that nobody else can try identifiers out.
    package init(salt: UInt64) { self.salt = salt }

    /// 16 hexadecimal digits.
    package func callAsFunction(_ user: UserID) -> String {
        let digits = String(StableHash.hash(user.rawValue, seed: salt), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
