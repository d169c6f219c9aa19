import CascadeCore
import CascadeFeatures

/// Where a feature lies in encoded entities: all that one field of users or items became.
struct EntityFeature: Equatable {
    /// `user.city`, `item.creator`, `item.vector.image`.
    let name: String
    /// Columns of the lookups of features with one token.
    private(set) var lookups: [Range<Int>] = []
    /// Places among the features with several tokens.
    private(set) var multi: [Int] = []
    /// Places among the numbers.
    private(set) var numeric: [Int] = []
    /// The kind of the content vectors; nil for other features.
    private(set) var vector: String?

    private init(name: String, vector: String? = nil) {
        self.name = name
        self.vector = vector
    }

    /// Every feature of a layout, in its order.
    static func all(of layout: EntityLayout) -> [EntityFeature] {
        var features: [EntityFeature] = []
        func change(_ name: String, _ body: (inout EntityFeature) -> Void) {
            if !features.contains(where: { $0.name == name }) { features.append(EntityFeature(name: name)) }
            for index in features.indices where features[index].name == name { body(&features[index]) }
        }
        var start = 0
        for feature in layout.single {
            change(feature.name) { $0.lookups.append(start..<(start + feature.rowsPerToken)) }
            start += feature.rowsPerToken
        }
        for (place, feature) in layout.multi.enumerated() { change(feature.name) { $0.multi.append(place) } }
        for (place, feature) in layout.numeric.enumerated() { change(feature.name) { $0.numeric.append(place) } }
        return features
            + layout.vectors.map { EntityFeature(name: "\(layout.entity.rawValue).vector.\($0.name)", vector: $0.name) }
    }
}

extension EncodedEntities {
    /// Entities put together from those of `self`: the k-th is that of `rows[k]`, with the values that `donors[k]` has for a
    /// feature.
    ///
    /// - Parameter feature: nil: no value is taken from a donor.
    func gathered(_ rows: [Int], taking feature: EntityFeature? = nil, from donors: [Int] = []) -> EncodedEntities {
        var result = EncodedEntities(layout: layout)
        let width = layout.lookupWidth
        let numbers = layout.numeric.count
        for (place, row) in rows.enumerated() {
            let donor = feature == nil ? row : donors[place]
            func source(_ isTaken: (EntityFeature) -> Bool) -> Int { feature.map(isTaken) == true ? donor : row }
            for column in 0..<width {
                let from = source { $0.lookups.contains { $0.contains(column) } }
                result.lookups.append(lookups[from * width + column])
            }
            for (index, list) in layout.multi.enumerated() {
                let from = source { $0.multi.contains(index) }
                let range = Int(tokenOffsets[index][from])..<Int(tokenOffsets[index][from + 1])
                let tokenRows = (range.lowerBound * list.rowsPerToken)..<(range.upperBound * list.rowsPerToken)
                result.tokens[index] += tokens[index][tokenRows]
                result.tokenOffsets[index].append(result.tokenOffsets[index][place] + Int32(range.count))
            }
            for column in 0..<numbers {
                let from = source { $0.numeric.contains(column) }
                result.numeric.append(numeric[from * numbers + column])
            }
            let steps = (row * layout.historyLookups)..<((row + 1) * layout.historyLookups)
            result.historyLookups += historyLookups.isEmpty ? [] : historyLookups[steps]
            result.count += 1
        }
        if !layout.vectors.isEmpty { result.vectors = gatheredVectors(rows, feature?.vector, donors) }
        return result
    }

    private func gatheredVectors(_ rows: [Int], _ taken: String?, _ donors: [Int]) -> ItemVectors {
        var result = ItemVectors(kinds: layout.vectors.map(\.definition), count: rows.count)
        for (place, row) in rows.enumerated() {
            for feature in layout.vectors {
                guard let kind = vectors.kind(feature.name) else { continue }
                let from = feature.name == taken ? donors[place] : row
                vectors.lend(kind: kind, row: from) { values in
                    guard let values else { return }
                    result.set(
                        ItemVector(itemID: ItemID(""), name: feature.name, values: Array(values)), row: place)
                }
            }
        }
        return result
    }
}
