extension OpenAPIDocument {
    static let parameters = """
        "UserID":{"name":"user_id","in":"path","required":true,"schema":{"$ref":"#/components/schemas/Identifier"}},
        "ItemID":{"name":"item_id","in":"path","required":true,"schema":{"$ref":"#/components/schemas/Identifier"}},
        "CreatorID":{"name":"creator_id","in":"path","required":true,
         "schema":{"$ref":"#/components/schemas/Identifier"}},
        "ReleaseID":{"name":"release_id","in":"path","required":true,
         "schema":{"$ref":"#/components/schemas/Identifier"}},
        "RequestID":{"name":"X-Request-ID","in":"header",
         "schema":{"type":"string","pattern":"^[A-Za-z0-9._-]{1,128}$"}},
        "Timeout":{"name":"X-Request-Timeout-Ms","in":"header",
         "schema":{"type":"integer","minimum":1,"maximum":600000}}
        """

    static let paths = """
        "/v1/recommendations":{\(common)
         "post":{"operationId":"recommend","summary":"A slate of items for a user.",\(body("RecommendRequest")),
          "responses":{\(ok("Recommendation")),\(problem)}}},
        "/v1/users/{user_id}/recommendations":{\(common)
         "get":{"operationId":"recommendForUser","summary":"A slate of items, for simple callers.","parameters":[
           {"$ref":"#/components/parameters/UserID"},
           {"name":"limit","in":"query","schema":{"type":"integer","minimum":1}},
           {"name":"include","in":"query","schema":{"type":"string"},"description":"Parts separated by commas."},
           {"name":"exclude_seen","in":"query","schema":{"type":"boolean"}},
           {"name":"debug","in":"query","schema":{"type":"boolean"}}],
          "responses":{\(ok("Recommendation")),\(problem)}}},
        "/v1/events":{\(common)
         "post":{"operationId":"postEvents","summary":"What users did; rows are taken or refused one by one.",
          \(body("EventBatch")),"responses":{\(ok("BatchOutcome")),\(problem)}}},
        "/v1/impressions":{\(common)
         "post":{"operationId":"postImpressions","summary":"What users were shown.",
          \(body("ImpressionBatch")),"responses":{\(ok("BatchOutcome")),\(problem)}}},
        "/v1/items/{item_id}":{\(common)
         "put":{"operationId":"putItem","summary":"Write an item whole.",\(parameter("ItemID")),\(body("WrittenItem")),
          "responses":{\(ok("Item")),\(ok("Item", status: 201)),\(problem)}},
         "get":{"operationId":"getItem","summary":"Read an item.",\(parameter("ItemID")),
          "responses":{\(ok("Item")),\(problem)}}},
        "/v1/items/{item_id}/similar":{\(common)
         "get":{"operationId":"similarItems","summary":"Items that are similar to one, best first.","parameters":[
           {"$ref":"#/components/parameters/ItemID"},
           {"name":"k","in":"query","schema":{"type":"integer","minimum":1,"default":20}},
           {"name":"by","in":"query","schema":{"enum":["tower","cooccurrence","both"],"default":"both"}},
           {"name":"categories","in":"query","schema":{"type":"string"},
            "description":"Only items of one of these, separated by commas."},
           {"name":"exclude_item_ids","in":"query","schema":{"type":"string"},
            "description":"Never these items, separated by commas."}],
          "responses":{\(ok("SimilarItems")),\(problem)}}},
        "/v1/users/{user_id}/follows":{\(common)
         "get":{"operationId":"listFollows","summary":"The creators that a user follows, by identifier.","parameters":[
           {"$ref":"#/components/parameters/UserID"},
           {"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":1000,"default":100}},
           {"name":"cursor","in":"query","schema":{"$ref":"#/components/schemas/Identifier"},
            "description":"The next_cursor of the page before."}],
          "responses":{\(ok("FollowList")),\(problem)}}},
        "/v1/users/{user_id}/follows/{creator_id}":{\(common)
         "put":{"operationId":"putFollow","summary":"Let a user follow a creator; there is no body.",
          \(followed),"responses":{\(ok("Follow")),\(ok("Follow", status: 201)),\(problem)}},
         "delete":{"operationId":"deleteFollow","summary":"Let a user no longer follow a creator.",
          \(followed),"responses":{"204":{"description":"The user does not follow the creator."},\(problem)}}},
        "/v1/users/{user_id}":{\(common)
         "put":{"operationId":"putUser","summary":"Write a user whole.",\(parameter("UserID")),\(body("User")),
          "responses":{\(ok("User")),\(ok("User", status: 201)),\(problem)}},
         "get":{"operationId":"getUser","summary":"Read a user.",\(parameter("UserID")),
          "responses":{\(ok("User")),\(problem)}}},
        "/v1/pipeline":{\(common)
         "get":{"operationId":"getPipeline","summary":"The stages and components that make a slate.",
          "responses":{\(ok("Pipeline")),\(problem)}}},
        "/v1/releases":{\(common)
         "get":{"operationId":"listReleases","summary":"All releases, newest first.",
          "responses":{\(ok("ReleaseList")),\(problem)}}},
        "/v1/releases/{release_id}":{\(common)
         "get":{"operationId":"getRelease","summary":"One release with its configuration.",\(parameter("ReleaseID")),
          "responses":{\(ok("Release")),\(problem)}}},
        "/v1/openapi.json":{\(common)
         "get":{"operationId":"getOpenAPI","summary":"This document.","responses":{
          "200":{"description":"OpenAPI 3.1","content":{"application/json":{"schema":{"type":"object"}}}},\(problem)}}},
        "/health/live":{\(common)
         "get":{"operationId":"getLive","summary":"The process runs.","security":[],
          "responses":{\(ok("Live")),\(problem)}}},
        "/health/ready":{\(common)
         "get":{"operationId":"getReady","summary":"The server can do its work.","security":[],
          "responses":{\(ok("Readiness")),\(ok("Readiness", status: 503)),\(problem)}}},
        "/metrics":{\(common)
         "get":{"operationId":"getMetrics","summary":"Prometheus metrics.","responses":{
          "200":{"description":"Prometheus text","content":{"text/plain":{"schema":{"type":"string"}}}},\(problem)}}}
        """

    private static let common = """
        "parameters":[{"$ref":"#/components/parameters/RequestID"},{"$ref":"#/components/parameters/Timeout"}],
        """

    private static let problem = ##""default":{"$ref":"#/components/responses/Problem"}"##

    private static let followed = ##"""
        "parameters":[{"$ref":"#/components/parameters/UserID"},{"$ref":"#/components/parameters/CreatorID"}]
        """##

    private static func parameter(_ name: String) -> String {
        ##""parameters":[{"$ref":"#/components/parameters/\##(name)"}]"##
    }

    private static func body(_ schema: String) -> String {
        #""requestBody":{"required":true,\#(content(schema))}"#
    }

    private static func ok(_ schema: String, status: Int = 200) -> String {
        #""\#(status)":{"description":"\#(schema)",\#(content(schema))}"#
    }

    private static func content(_ schema: String) -> String {
        ##""content":{"application/json":{"schema":{"$ref":"#/components/schemas/\##(schema)"}}}"##
    }
}
