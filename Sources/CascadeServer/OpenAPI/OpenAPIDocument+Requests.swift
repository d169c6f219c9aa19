extension OpenAPIDocument {
    /// What callers send, and the catalog, which goes both ways. A member that need not be there may be null, which is the same.
    static let requestSchemas = """
        "Identifier":{"type":"string","minLength":1,"maxLength":256,"pattern":"^[^\\\\u0000]*$",
          "description":"At most 256 bytes of UTF-8."},
        "Word":{"type":"string","minLength":1,"maxLength":256,"pattern":"^[^\\\\u0000]*$",
          "description":"At most 256 bytes of UTF-8."},
        "Surface":{"type":"string","minLength":1,"maxLength":64,"pattern":"^[^\\\\u0000]*$",
          "description":"At most 64 bytes of UTF-8."},
        "Context":{"type":"object","maxProperties":32,"propertyNames":{"pattern":"^[^\\\\u0000]*$"},
          "additionalProperties":{"$ref":"#/components/schemas/Word"}},
        "Time":{"type":"string","format":"date-time"},
        "RecommendRequest":{"type":"object","additionalProperties":false,"required":["user_id"],"properties":{
          "user_id":\(maybe("Identifier")),
          "limit":{"type":["integer","null"],"minimum":1,"maximum":\(resultsMark)},
          "context":\(maybe("Context")),
          "filters":\(maybe("Filters")),"diversity":\(maybe("Diversity")),
          "include":{"type":["array","null"],"maxItems":3,"items":{"enum":["scores","reasons","attributes"]}},
          "events":\(maybe("SessionEvents")),"debug":{"type":["boolean","null"]},
          "weights":{"type":["object","null"],"maxProperties":64,
           "additionalProperties":{"type":"number","minimum":-1000000,"maximum":1000000}},
          "release_id":\(maybe("Identifier")),"seed":{"type":["integer","null"],"minimum":0,"maximum":9223372036854775807}}},
        "Filters":{"type":"object","additionalProperties":false,"properties":{
          "categories_any":{"type":["array","null"],"maxItems":100,"items":{"$ref":"#/components/schemas/Word"}},
          "exclude_item_ids":{"type":["array","null"],"maxItems":1000,"items":{"$ref":"#/components/schemas/Identifier"}},
          "exclude_seen":{"type":["boolean","null"]},"max_age_seconds":{"type":["number","null"],"exclusiveMinimum":0,"maximum":1e11}}},
        "Diversity":{"type":"object","additionalProperties":false,"properties":{
          "creator_decay":{"type":["number","null"],"minimum":0,"maximum":1},
          "creator_floor":{"type":["number","null"],"minimum":0,"maximum":1},
          "max_per_creator":{"type":["integer","null"],"minimum":0,"maximum":1000000},
          "max_per_category":{"type":["integer","null"],"minimum":0,"maximum":1000000}}},
        "RankRequest":{"type":"object","additionalProperties":false,"required":["user_id","item_ids"],"properties":{
          "user_id":\(maybe("Identifier")),
          "item_ids":{"type":"array","minItems":1,"maxItems":1000,"uniqueItems":true,
           "items":{"$ref":"#/components/schemas/Identifier"}},
          "context":\(maybe("Context")),
          "include":{"type":["array","null"],"maxItems":3,"items":{"enum":["scores","attributes"]}},
          "events":\(maybe("SessionEvents")),"debug":{"type":["boolean","null"]}}},
        "SessionEvents":{"type":"array","maxItems":100,
          "description":"What the visitor did, in its order; laid over what is known of the user.",
          "items":{"type":"object","additionalProperties":false,"required":["item_id"],"properties":{
           "item_id":{"$ref":"#/components/schemas/Identifier"},
           "type":{"type":["string","null"],"pattern":"^[A-Za-z0-9_]{1,64}$"},
           "occurred_at":{"type":["string","null"],"format":"date-time"},
           "surface":\(maybe("Surface"))}}},
        "EventBatch":{"type":"object","additionalProperties":false,"required":["events"],"properties":{
          "events":{"type":"array","minItems":1,"maxItems":500,"items":{"$ref":"#/components/schemas/Event"}}}},
        "Event":{"type":"object","additionalProperties":false,"required":["type","user_id","item_id"],"properties":{
          "event_id":\(maybe("Identifier")),
          "type":{"type":"string","pattern":"^[A-Za-z0-9_]{1,64}$"},
          "user_id":{"$ref":"#/components/schemas/Identifier"},"item_id":{"$ref":"#/components/schemas/Identifier"},
          "occurred_at":{"type":["string","null"],"format":"date-time"},"value":{"type":["number","null"]},
          "impression_id":\(maybe("Identifier")),
          "recommendation_id":\(maybe("Identifier")),
          "session_id":\(maybe("Identifier")),"position":{"type":["integer","null"],"minimum":0,"maximum":2147483647},
          "surface":\(maybe("Surface"))}},
        "ImpressionBatch":{"type":"object","additionalProperties":false,"required":["impressions"],"properties":{
          "impressions":{"type":"array","minItems":1,"maxItems":500,
           "items":{"$ref":"#/components/schemas/Impression"}}}},
        "Impression":{"type":"object","additionalProperties":false,"required":["user_id","items"],"properties":{
          "impression_id":\(maybe("Identifier")),
          "recommendation_id":\(maybe("Identifier")),
          "user_id":{"$ref":"#/components/schemas/Identifier"},"shown_at":{"type":["string","null"],"format":"date-time"},
          "surface":\(maybe("Surface")),
          "items":{"type":"array","minItems":1,"maxItems":500,"items":{"$ref":"#/components/schemas/ShownItem"}}}},
        "ShownItem":{"type":"object","additionalProperties":false,"required":["item_id"],"properties":{
          "item_id":{"$ref":"#/components/schemas/Identifier"},"position":{"type":["integer","null"],"minimum":0,"maximum":2147483647},
          "propensity":{"type":["number","null"],"exclusiveMinimum":0,"maximum":1}}},
        "Attributes":{"type":"object","maxProperties":256,"propertyNames":{"$ref":"#/components/schemas/AttributeName"},
          "additionalProperties":\(maybe("Attribute"))},
        "AttributeName":{"type":"string","minLength":1,"maxLength":128,"pattern":"^[^\\\\u0000]*$"},
        "Attribute":{"anyOf":[{"type":"number"},{"type":"string","maxLength":65536,"pattern":"^[^\\\\u0000]*$"},{"type":"boolean"},
          {"type":"array","maxItems":1000,"items":{"type":"string","maxLength":65536,"pattern":"^[^\\\\u0000]*$"}}]},
        "Item":{"type":"object","additionalProperties":false,"properties":{\(itemMembers)}},
        "WrittenItem":{"type":"object","additionalProperties":false,"required":["item_id"],"properties":{\(itemMembers),
          \(vectors)}},
        "ItemBody":{"type":"object","additionalProperties":false,
          "description":"What GET gives is taken back too: item_id may be there where it is that of the path.",
          "properties":{\(itemFacts),\(vectors)}},
        "ItemBatch":{"type":"object","additionalProperties":false,"required":["items"],"properties":{
          "items":{"type":"array","minItems":1,"maxItems":1000,
           "items":{"$ref":"#/components/schemas/WrittenItem"}}}},
        "ItemPatch":{"type":"object","additionalProperties":false,"properties":{
          \(itemNames),
          "categories":{"type":["array","null"],"maxItems":100,"items":{"$ref":"#/components/schemas/Word"}},
          "attributes":\(attributePatch),
          "created_at":{"type":["string","null"],"format":"date-time"},"hidden":{"type":["boolean","null"]},
          "vectors":{"type":["object","null"],"maxProperties":32,"additionalProperties":
            {"type":["array","null"],"minItems":1,"maxItems":16384,"items":{"type":"number"}}}}},
        "UserBatch":{"type":"object","additionalProperties":false,"required":["users"],"properties":{
          "users":{"type":"array","minItems":1,"maxItems":1000,"items":{"$ref":"#/components/schemas/User"}}}},
        "UserPatch":{"type":"object","additionalProperties":false,"properties":{
          "attributes":\(attributePatch),
          "created_at":{"type":["string","null"],"format":"date-time"}}},
        "UserBody":{"type":"object","additionalProperties":false,
          "description":"What GET gives is taken back too: user_id may be there where it is that of the path.","properties":{
          "attributes":\(maybe("Attributes")),
          "created_at":{"type":["string","null"],"format":"date-time"}}},
        "User":{"type":"object","additionalProperties":false,"required":["user_id"],"properties":{
          "user_id":{"$ref":"#/components/schemas/Identifier"},
          "attributes":\(maybe("Attributes")),
          "created_at":{"type":["string","null"],"format":"date-time"}}}
        """

    /// A schema, or null.
    private static func maybe(_ schema: String) -> String {
        ##"{"anyOf":[{"$ref":"#/components/schemas/\##(schema)"},{"type":"null"}]}"##
    }

    private static let itemMembers = ##""item_id":{"$ref":"#/components/schemas/Identifier"},"## + itemFacts

    private static let itemNames = """
        "title":{"type":["string","null"],"minLength":1,"maxLength":4096,"pattern":"^[^\\\\u0000]*$"},
          "creator_id":\(maybe("Identifier"))
        """

    private static let attributePatch = """
        {"type":["object","null"],"maxProperties":256,"propertyNames":{"$ref":"#/components/schemas/AttributeName"},
           "additionalProperties":\(maybe("Attribute")),
           "description":"Laid over those that are there; null removes one."}
        """

    private static let vectors = """
        "vectors":{"type":["object","null"],"maxProperties":32,"additionalProperties":
            {"type":"array","minItems":1,"maxItems":16384,"items":{"type":"number"}}}
        """

    private static let itemFacts = """
        \(itemNames),
          "categories":{"type":["array","null"],"maxItems":100,"items":{"$ref":"#/components/schemas/Word"}},
          "attributes":\(maybe("Attributes")),
          "created_at":{"type":["string","null"],"format":"date-time"},"hidden":{"type":["boolean","null"]}
        """
}
