package import CascadeCore

/// A user that a row describes.
package struct UserMapping: Codable, Sendable, Equatable {
    /// The column that names the user; several together are hashed.
    package var id: OneOrMany
    /// When it came to be.
    package var createdAt: TimeMapping?
    /// What else is known of it.
    package var attributes: [AttributeMapping]?
    /// Objects whose members are attributes too.
    package var attributesFrom: [AttributeObjectMapping]?

    enum CodingKeys: String, CodingKey {
        case id, attributes
        case createdAt = "created_at"
        case attributesFrom = "attributes_from"
    }
}

/// An item that a row describes.
package struct ItemMapping: Codable, Sendable, Equatable {
    /// The column that names the item; several together are hashed.
    package var id: OneOrMany
    /// The column with its name for people.
    package var title: String?
    /// The column that names who made it.
    package var creator: String?
    /// The column with its categories.
    package var categories: ListMapping?
    /// When it came to be.
    package var createdAt: TimeMapping?
    /// A condition; items that meet it are hidden.
    package var hidden: String?
    /// What else is known of it.
    package var attributes: [AttributeMapping]?
    /// Objects whose members are attributes too.
    package var attributesFrom: [AttributeObjectMapping]?

    enum CodingKeys: String, CodingKey {
        case id, title, creator, categories, hidden, attributes
        case createdAt = "created_at"
        case attributesFrom = "attributes_from"
    }
}

/// Several texts in one cell.
package struct ListMapping: Codable, Sendable, Equatable {
    /// The column.
    package var column: String
    /// What stands between the texts; without it the cell is one text (or a JSON list).
    package var separator: String?
    /// Takes the texts of a JSON list as they stand: none is trimmed, shortened or dropped.
    package var verbatim: Bool?
}

/// One attribute, or several of the same kind that are named like their columns.
package struct AttributeMapping: Codable, Sendable, Equatable {
    /// The one column.
    package var column: String?
    /// Several columns of one kind.
    package var columns: [String]?
    /// The attribute's name where it is not the column's.
    package var name: String?
    /// What the values mean to the models.
    package var kind: AttributeKind
    /// What stands between the texts of a `multi` cell.
    package var separator: String?
    /// Cell texts that mean "missing" here, besides those of the table.
    package var missing: [String]?
}

/// A JSON object whose members are attributes of one kind, under their own names.
package struct AttributeObjectMapping: Codable, Sendable, Equatable {
    /// The member with the object.
    package var column: String
    /// What the values mean to the models; without it their JSON types tell.
    package var kind: AttributeKind?
}

/// A time: a column and how it is written.
package struct TimeMapping: Codable, Sendable, Equatable {
    /// The column; `$row` is the row's number in its file, from 0 (only with `steps`).
    package var column: String
    /// How the time is written.
    package var format: TimeFormat
    /// The time of step 0, in RFC 3339 (only with `steps`).
    package var start: String?
    /// Seconds a step, negative too (only with `steps`).
    package var step: Double?
}

/// An impression that a row describes, and the feedback it got.
package struct ImpressionMapping: Codable, Sendable, Equatable {
    /// Columns that name the impression: one is taken as it is, several are hashed; without it the whole row is hashed.
    package var id: OneOrMany?
    /// The column that names the user; several together are hashed.
    package var user: OneOrMany
    /// The column that names the item; several together are hashed.
    package var item: OneOrMany
    /// When it happened.
    package var time: TimeMapping
    /// The column with the place in the shown list.
    package var position: String?
    /// The number of the first position in the data, 0 unless given.
    package var firstPosition: Int?
    /// The column with the probability of having been shown.
    package var propensity: String?
    /// The column that names the recommendation it came from.
    package var recommendation: String?
    /// The column that names the visit.
    package var session: String?
    /// The column that says where in the product it was shown.
    package var surface: String?
    /// A condition; rows that do not meet it make no impression.
    package var when: String?
    /// The feedback that the row tells.
    package var signals: [SignalMapping]?
    /// The kinds of feedback that were recorded; without it those of `signals`.
    package var observed: [String]?
    /// The column with a list of them, where each row has its own; a missing one: all kinds that there are.
    package var observedColumn: String?

    enum CodingKeys: String, CodingKey {
        case id, user, item, time, position, propensity, recommendation, session, surface, when, signals, observed
        case firstPosition = "first_position"
        case observedColumn = "observed_column"
    }
}

/// One kind of feedback of an impression.
package struct SignalMapping: Codable, Sendable, Equatable {
    /// The name of the signal.
    package var type: String
    /// The condition for the feedback to have been given; without it every impression has it.
    package var when: String?
    /// A column with a quantity, such as a rating or a watch time.
    package var value: String?
    /// When it was given; the impression's time unless said.
    package var time: TimeMapping?
}

/// A relation of a user that a row describes, such as that the user follows a creator.
package struct RelationMapping: Codable, Sendable, Equatable {
    /// The column that names the user; several together are hashed.
    package var user: OneOrMany
    /// What the user does: `follow`.
    package var kind: RelationKind
    /// The column that names what the user is related to, such as a creator.
    package var target: String
    /// When it began.
    package var time: TimeMapping?
    /// A condition; rows that do not meet it make no relation.
    package var when: String?
}

/// An event that a row describes.
package struct EventMapping: Codable, Sendable, Equatable {
    /// Columns that name the event: one is taken as it is, several are hashed; without it the whole row is hashed.
    package var id: OneOrMany?
    /// The signal, where it is the same for all rows.
    package var type: String?
    /// The column that tells the signal.
    package var typeColumn: String?
    /// The signals by the texts of `type_column`; rows with another text make no event. Without it the texts are the signals.
    package var types: [String: String]?
    /// The column that names the user; several together are hashed.
    package var user: OneOrMany
    /// The column that names the item; several together are hashed.
    package var item: OneOrMany
    /// When it happened.
    package var time: TimeMapping
    /// The column with a quantity, such as an amount.
    package var value: String?
    /// The column that names the visit.
    package var session: String?
    /// The column that says where in the product it was done.
    package var surface: String?
    /// The column with the place in the shown list.
    package var position: String?
    /// The number of the first position in the data, 0 unless given.
    package var firstPosition: Int?
    /// The column that names the impression it answers.
    package var impression: String?
    /// The column that names the recommendation it came from.
    package var recommendation: String?
    /// A condition; rows that do not meet it make no event.
    package var when: String?

    enum CodingKeys: String, CodingKey {
        case id, type, types, user, item, time, value, session, surface, position, impression, recommendation, when
        case typeColumn = "type_column"
        case firstPosition = "first_position"
    }
}
