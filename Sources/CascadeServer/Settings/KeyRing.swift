package import CascadeCore
import Synchronization

/// The API keys that a server takes: those of its settings, which allow everything, and those of the database.
package final class KeyRing: Sendable {
    private let fixed: [APIKey]
    private let isDemanded: Bool
    private let stored = Mutex<(taken: [APIKey], isAny: Bool)>(([], false))

    /// Takes the digests of the settings that can be read; `ServerSettings.problems` refuses the others before.
    package init(_ settings: AuthSettings = AuthSettings()) {
        isDemanded = settings.requireKeys
        fixed = settings.keysSHA256.compactMap { text in
            APIKeyDigest.digest(fromHex: text).map {
                APIKey(
                    id: "settings \(text.lowercased().prefix(16))", name: "server.auth.keys_sha256", digest: $0,
                    scopes: Set(APIScope.allCases), createdAt: Timestamp(microseconds: 0))
            }
        }
    }

    /// Takes these keys of the database from now on, and no others of it; revoked ones among them are taken no more.
    package func update(_ keys: [APIKey]) {
        let taken = keys.filter { $0.revokedAt == nil }
        stored.withLock { $0 = (taken, !keys.isEmpty) }
    }

    /// Whether a key is asked for at all. To revoke the last one opens nothing.
    var isRequired: Bool { isDemanded || !fixed.isEmpty || stored.withLock { $0.isAny } }

    /// The key that `text` is, or nil, in a time that tells nothing of how near it was.
    func key(_ text: String) -> APIKey? {
        let digest = APIKeyDigest.of(text)
        var found: APIKey?
        for known in fixed + stored.withLock({ $0.taken }) where APIKeyDigest.areEqual(digest, known.digest) {
            found = known
        }
        return found
    }
}
