import CascadeCore
import CascadePostgres

/// Tables that are written out as one JSON object a row.
package enum ExportedTable: String, Sendable, CaseIterable {
    case items, users, events, impressions

    /// The column that a period bounds; nil where rows have no time.
    package var isLog: Bool { self == .events || self == .impressions }
}

/// The statements behind exports: one column, the row as JSON on one line.
///
/// `Config/datasets/exported.yaml` reads these members back. Times are RFC 3339 in UTC, as the session prints them.
enum ExportQuery {
    static func rows(of table: ExportedTable, in period: Period, _ kinds: [AttributeDefinition]) -> SQL {
        switch table {
        case .items:
            """
            SELECT json_build_object('item_id', item_id, 'title', title, 'creator_id', creator_id,
                'categories', categories, 'created_at', created_at, 'hidden', hidden,
                'attributes', \(attributes(of: .item, kinds)))::text FROM items
            """
        case .users:
            """
            SELECT json_build_object('user_id', user_id, 'created_at', created_at,
                'attributes', \(attributes(of: .user, kinds)))::text FROM users
            """
        case .events:
            """
            SELECT json_build_object('event_id', event_id, 'type', signals.name, 'user_id', user_id, 'item_id', item_id,
                'occurred_at', occurred_at, 'value', \(finite("value")), 'impression_id', impression_id,
                'recommendation_id', recommendation_id, 'session_id', session_id, 'position', position,
                'surface', surface)::text
            FROM events JOIN signals USING (signal_id) WHERE \(bounds("occurred_at", period))
            """
        case .impressions:
            """
            SELECT json_build_object('impression_id', impression_id, 'user_id', user_id, 'item_id', item_id,
                'shown_at', shown_at, 'position', position, 'propensity', propensity,
                'recommendation_id', recommendation_id,
                'observed', CASE WHEN observed IS NOT NULL THEN ARRAY(
                    SELECT name FROM signals WHERE observed >> signal_id & 1 = 1 ORDER BY signal_id) END,
                'surface', surface)::text
            FROM impressions WHERE \(bounds("shown_at", period))
            """
        }
    }

    /// The attributes by what they mean to the models, so that a reader needs no declarations.
    private static func attributes(of entity: Entity, _ kinds: [AttributeDefinition]) -> SQL {
        let own = kinds.filter { $0.entity == entity }
        let all = own.map(\.name)
        let members = AttributeKind.allCases.map { kind -> SQL in
            let names = own.filter { $0.kind == kind }.map(\.name)
            // What somebody wrote by hand may not be declared.
            return """
                '\(raw: kind.rawValue)', coalesce((
                    SELECT jsonb_object_agg(key, value) FROM jsonb_each(attributes)
                    WHERE key = ANY(\(names)) OR key <> ALL(\(all)) AND jsonb_typeof(value) = ANY(\(types(kind)))), '{}')
                """
        }
        return "json_build_object(\(SQL.joined(members, separator: ", ")))"
    }

    /// The JSON types that mean a kind where nothing is declared.
    private static func types(_ kind: AttributeKind) -> [String] {
        switch kind {
        case .categorical: ["string", "boolean"]
        case .multi: ["array"]
        case .numeric: ["number"]
        case .text: []
        }
    }

    /// JSON has no number for infinity and for what is none.
    private static func finite(_ column: String) -> SQL {
        "CASE WHEN \(identifier: column) NOT IN ('NaN', 'Infinity', '-Infinity') THEN \(identifier: column) END"
    }

    private static func bounds(_ column: String, _ period: Period) -> SQL {
        var conditions: [SQL] = ["true"]
        if let from = period.from { conditions.append("\(identifier: column) >= \(from.sql)") }
        if let until = period.until { conditions.append("\(identifier: column) < \(until.sql)") }
        return SQL.joined(conditions, separator: " AND ")
    }
}
