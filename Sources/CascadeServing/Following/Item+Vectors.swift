import CascadeCore

extension Item {
    /// The item as models that read content vectors of `kinds` see it: what changes in others is no change to them.
    func telling(_ kinds: Set<String>) -> Item {
        guard let vectorsVersion else { return self }
        var item = self
        let told = vectorsVersion.split(separator: " ").filter { part in
            kinds.contains(String(part.prefix { $0 != ":" }))
        }
        item.vectorsVersion = told.isEmpty ? nil : told.joined(separator: " ")
        return item
    }
}
