extension OpenAPIDocument {
    /// Items and users, and what is kept of them.
    static let catalogPaths = """
        "/v1/items":{\(common)
         "get":{"operationId":"listItems","summary":"The items of the catalog, by identifier.",
          \(page(nil, category, hidden)),"responses":{\(ok("ItemList")),\(problem)}},
         "post":{"operationId":"postItems","summary":"Write items whole; rows are taken or refused one by one.",
          \(parameter("Atomic", "IdempotencyKey")),\(body("ItemBatch", or: EndpointBody.lines, "WrittenItem")),
          "responses":{\(ok("BatchOutcome")),\(problem)}}},
        "/v1/items/{item_id}":{\(common)
         "put":{"operationId":"putItem","summary":"Write an item whole.",\(parameter("ItemID")),\(body("ItemBody")),
          "responses":{\(ok("Item")),\(ok("Item", status: 201)),\(problem)}},
         "patch":{"operationId":"patchItem","summary":"Change members of an item; null clears one.",
          \(parameter("ItemID")),\(body("ItemPatch", or: mergePatch, "ItemPatch")),
          "responses":{\(ok("Item")),\(problem)}},
         "get":{"operationId":"getItem","summary":"Read an item.",\(parameter("ItemID", "IfNoneMatch")),
          "responses":{\(ok("Item")),\(notModified),\(problem)}},
         "delete":{"operationId":"deleteItem","summary":"Remove an item; it is recommended no more.",
          \(parameter("ItemID")),"responses":{"204":{"description":"The item was removed."},\(problem)}}},
        "/v1/items/{item_id}/similar":{\(common)
         "get":{"operationId":"similarItems","summary":"Items that are similar to one, best first.","parameters":[
           {"$ref":"#/components/parameters/ItemID"},
           {"name":"k","in":"query","schema":{"type":"integer","minimum":1,"maximum":\(resultsMark),"default":20}},
           {"name":"by","in":"query","schema":{"enum":["tower","cooccurrence","both"],"default":"both"}},
           {"name":"categories","in":"query","schema":{"type":"string","pattern":"^[^,\\\\u0000]+(,[^,\\\\u0000]+)*$"},
            "description":"Only items of one of these, separated by commas."},
           {"name":"exclude_item_ids","in":"query","schema":{"type":"string","pattern":"^[^,\\\\u0000]+(,[^,\\\\u0000]+)*$"},
            "description":"Never these items, separated by commas."}],
          "responses":{\(ok("SimilarItems")),\(problem)}}},
        "/v1/users":{\(common)
         "get":{"operationId":"listUsers","summary":"The users, by identifier.",\(page(nil)),
          "responses":{\(ok("UserList")),\(problem)}},
         "post":{"operationId":"postUsers","summary":"Write users whole; rows are taken or refused one by one.",
          \(parameter("Atomic", "IdempotencyKey")),\(body("UserBatch", or: EndpointBody.lines, "User")),
          "responses":{\(ok("BatchOutcome")),\(problem)}}},
        "/v1/users/{user_id}":{\(common)
         "put":{"operationId":"putUser","summary":"Write a user whole.",\(parameter("UserID")),\(body("UserBody")),
          "responses":{\(ok("User")),\(ok("User", status: 201)),\(problem)}},
         "patch":{"operationId":"patchUser","summary":"Change members of a user; null clears one.",
          \(parameter("UserID")),\(body("UserPatch", or: mergePatch, "UserPatch")),
          "responses":{\(ok("User")),\(problem)}},
         "get":{"operationId":"getUser","summary":"Read a user.",\(parameter("UserID", "IfNoneMatch")),
          "responses":{\(ok("User")),\(notModified),\(problem)}},
         "delete":{"operationId":"deleteUser","summary":"Remove a user with everything that is kept of the user.",
          \(parameter("UserID")),"responses":{\(ok("Erasure")),\(problem)}}},
        "/v1/users/{user_id}/events":{\(common)
         "get":{"operationId":"listEvents","summary":"What a user did, newest first.",\(page("UserID", eventType)),
          "responses":{\(ok("EventList")),\(problem)}}},
        "/v1/users/{user_id}/follows":{\(common)
         "get":{"operationId":"listFollows","summary":"The creators that a user follows, by identifier.",
          \(page("UserID", maximum: FollowController.maximumLimit, usual: FollowController.defaultLimit)),
          "responses":{\(ok("FollowList")),\(problem)}}},
        "/v1/users/{user_id}/follows/{creator_id}":{\(common)
         "put":{"operationId":"putFollow","summary":"Let a user follow a creator; there is no body.",
          \(pair("CreatorID")),"responses":{\(ok("Follow")),\(ok("Follow", status: 201)),\(problem)}},
         "delete":{"operationId":"deleteFollow","summary":"Let a user no longer follow a creator.",
          \(pair("CreatorID")),"responses":{"204":{"description":"The user does not follow the creator."},\(problem)}}},
        "/v1/users/{user_id}/hidden":{\(common)
         "get":{"operationId":"listHidden","summary":"The items that a user asked never to see again, by identifier.",
          \(page("UserID")),"responses":{\(ok("HiddenList")),\(problem)}}},
        "/v1/users/{user_id}/hidden/{item_id}":{\(common)
         "put":{"operationId":"putHidden","summary":"Never show an item to a user again; there is no body.",
          \(pair("ItemID")),"responses":{\(ok("Hidden")),\(ok("Hidden", status: 201)),\(problem)}},
         "delete":{"operationId":"deleteHidden","summary":"Let a user see an item again.",
          \(pair("ItemID")),"responses":{"204":{"description":"The item is not hidden from the user."},\(problem)}}}
        """

    private static let mergePatch = "application/merge-patch+json"

    private static let category = """
        {"name":"category","in":"query","schema":{"$ref":"#/components/schemas/Word"},"description":"Only items of this category."}
        """

    private static let hidden = """
        {"name":"hidden","in":"query","schema":{"type":"boolean"},"description":"Only hidden items, or only others."}
        """

    private static let eventType = """
        {"name":"type","in":"query","schema":{"type":"string","pattern":"^[A-Za-z0-9_]{1,64}$"},
         "description":"Only events of this type."}
        """

    /// The parameters of a path of a user and something else.
    private static func pair(_ other: String) -> String {
        ##"""
        "parameters":[{"$ref":"#/components/parameters/UserID"},{"$ref":"#/components/parameters/\##(other)"}]
        """##
    }
}
