import CascadeStorage

/// There is something to recommend.
struct CatalogCheck: DoctorCheck {
    let name = "catalog"
    let needs = DoctorNeed.schema

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        guard context.rows.items > 0 else {
            return .warn("there are no items", "cascade import --dataset MAPPING --path DIR")
        }
        return .ok("\(context.rows.items) items, \(context.rows.users) users")
    }
}

/// Most items can be recommended.
struct HiddenItemsCheck: DoctorCheck {
    let name = "hidden_items"
    let needs = DoctorNeed.schema
    var most = 0.5

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let (hidden, items) = (context.rows.hiddenItems, context.rows.items)
        guard items > 0 else { return .ok("there are no items") }
        let share = Double(hidden) / Double(items)
        let text = "\(hidden) of \(items) items are hidden (\(SizeText.percent(share)))"
        guard share > most else { return .ok(text) }
        return .warn(text, "look at `hidden` in the import mapping; SELECT count(*) FROM items WHERE hidden")
    }
}
