import CascadeCore

/// Items by place, with creators and categories as codes.
struct CatalogColumns: Sendable {
    private(set) var items: [Item] = []
    private var creators: [Int32] = []
    private var categoryStarts = [0]
    private var categoryLists: [Int32] = []
    private var creatorCodes: NameCodes
    private var categoryCodes: NameCodes

    init(items: [Item]) {
        creatorCodes = NameCodes()
        categoryCodes = NameCodes()
        append(items)
    }

    /// No items yet, with codes that go on from those of `other`.
    init(after other: CatalogColumns) {
        creatorCodes = NameCodes(after: other.creatorCodes)
        categoryCodes = NameCodes(after: other.categoryCodes)
    }

    mutating func append(_ more: [Item]) {
        for item in more {
            creators.append(item.creatorID.map { creatorCodes.code(adding: $0) } ?? -1)
            let start = categoryLists.count
            for category in item.categories {
                let code = categoryCodes.code(adding: category)
                if !categoryLists[start...].contains(code) { categoryLists.append(code) }
            }
            categoryStarts.append(categoryLists.count)
        }
        items += more
    }

    var count: Int { items.count }
    func creator(_ place: Int) -> Int32 { creators[place] }
    func categories(_ place: Int) -> ArraySlice<Int32> {
        categoryLists[categoryStarts[place]..<categoryStarts[place + 1]]
    }
    func categoryCode(_ name: String) -> Int32? { categoryCodes.code(name) }
}

/// Names numbered in the order in which they came.
private struct NameCodes: Sendable {
    /// Codes of others, which are shared and not added to.
    private let former: [String: Int32]
    private var own: [String: Int32] = [:]

    init() { former = [:] }

    init(after other: NameCodes) {
        former = other.former.isEmpty ? other.own : other.former.merging(other.own) { first, _ in first }
    }

    func code(_ name: String) -> Int32? { former[name] ?? own[name] }

    mutating func code(adding name: String) -> Int32 {
        if let known = code(name) { return known }
        let code = Int32(former.count + own.count)
        own[name] = code
        return code
    }
}
