extension OpenAPIDocument {
    static let parameters = """
        "UserID":{"name":"user_id","in":"path","required":true,"schema":{"$ref":"#/components/schemas/Identifier"}},
        "ItemID":{"name":"item_id","in":"path","required":true,"schema":{"$ref":"#/components/schemas/Identifier"}},
        "CreatorID":{"name":"creator_id","in":"path","required":true,
         "schema":{"$ref":"#/components/schemas/Identifier"}},
        "RecommendationID":{"name":"recommendation_id","in":"path","required":true,
         "schema":{"$ref":"#/components/schemas/Identifier"}},
        "ReleaseID":{"name":"release_id","in":"path","required":true,
         "schema":{"$ref":"#/components/schemas/Identifier"}},
        "JobID":{"name":"job_id","in":"path","required":true,"schema":{"$ref":"#/components/schemas/Identifier"}},
        "Cursor":{"name":"cursor","in":"query","schema":{"type":"string","minLength":1},
         "description":"The next_cursor of the page before, with the same filters; opaque."},
        "Atomic":{"name":"atomic","in":"query","schema":{"type":"boolean","default":false},
         "description":"Whether one wrong row refuses all of them."},
        "RequestID":{"name":"X-Request-ID","in":"header",
         "schema":{"type":"string"},"description":"Taken where it is 1 to 128 of A-Z a-z 0-9 . _ -, else one is made."},
        "IdempotencyKey":{"name":"Idempotency-Key","in":"header",
         "schema":{"type":"string","pattern":"^[!-~]{1,255}$"},
         "description":"Names a write for 24 hours: a repeated one is answered as the first was, and not done again."},
        "IfNoneMatch":{"name":"If-None-Match","in":"header","schema":{"type":"string"},
         "description":"The ETag of an answer: 304 where it has not changed."},
        "TraceParent":{"name":"traceparent","in":"header","schema":{"type":"string"},
         "description":"W3C trace context; it stands in the log, and traceresponse answers it."},
        "Timeout":{"name":"X-Request-Timeout-Ms","in":"header",
         "schema":{"type":"integer","minimum":1,"maximum":600000}}
        """

    static let paths = """
        "/v1/recommendations":{\(common)
         "post":{"operationId":"recommend","summary":"A slate of items for a user.",\(body("RecommendRequest")),
          "responses":{\(ok("Recommendation")),\(problem)}}},
        "/v1/recommendations/{recommendation_id}/next":{\(common)
         "post":{"operationId":"nextPage","summary":"The next page of a slate, without repeats; there is no body.",
          \(parameter("RecommendationID")),"responses":{\(ok("Recommendation")),\(problem)}}},
        "/v1/rank":{\(common)
         "post":{"operationId":"rank","summary":"A caller's list in the order that suits a user.",\(body("RankRequest")),
          "responses":{\(ok("Ranking")),\(problem)}}},
        "/v1/recommendations/{recommendation_id}/explain":{\(common)
         "get":{"operationId":"explainRecommendation",
          "summary":"How a slate came to be, and why an item is in it or not; of recommendations that a trace is kept of.",
          "parameters":[{"$ref":"#/components/parameters/RecommendationID"},
           {"name":"item_id","in":"query","schema":{"$ref":"#/components/schemas/Identifier"},
            "description":"The item to explain, recommended or not; without it, the whole trace."}],
          "responses":{\(ok("Explanation")),\(problem)}}},
        "/v1/users/{user_id}/recommendations":{\(common)
         "get":{"operationId":"recommendForUser","summary":"A slate of items, for simple callers.","parameters":[
           {"$ref":"#/components/parameters/UserID"},
           {"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":\(resultsMark)}},
           {"name":"include","in":"query",
            "schema":{"type":"string","pattern":"^(scores|reasons|attributes)(,(scores|reasons|attributes))*$"},"description":"Parts separated by commas."},
           {"name":"exclude_seen","in":"query","schema":{"type":"boolean"}},
           {"name":"debug","in":"query","schema":{"type":"boolean"}}],
          "responses":{\(ok("Recommendation")),\(problem)}}},
        "/v1/events":{\(common)
         "post":{"operationId":"postEvents","summary":"What users did; rows are taken or refused one by one.",
          \(parameter("IdempotencyKey")),\(body("EventBatch")),"responses":{\(ok("BatchOutcome")),\(problem)}}},
        "/v1/impressions":{\(common)
         "post":{"operationId":"postImpressions","summary":"What users were shown.",
          \(parameter("IdempotencyKey")),\(body("ImpressionBatch")),"responses":{\(ok("BatchOutcome")),\(problem)}}},
        \(catalogPaths),
        "/v1/pipeline":{\(common)
         "get":{"operationId":"getPipeline","summary":"The stages and components that make a slate.",
          "responses":{\(ok("Pipeline")),\(problem)}}},
        "/v1/stats":{\(common)
         "get":{"operationId":"getStatistics","summary":"Counts and ages at a glance.",
          "responses":{\(ok("Statistics")),\(problem)}}},
        \(administrationPaths),
        "/v1/releases":{\(common)
         "get":{"operationId":"listReleases","summary":"All releases, newest first.",
          \(parameter("IfNoneMatch")),"responses":{\(ok("ReleaseList")),\(notModified),\(problem)}}},
        "/v1/releases/{release_id}":{\(common)
         "get":{"operationId":"getRelease","summary":"One release with its configuration.",
          \(parameter("ReleaseID", "IfNoneMatch")),"responses":{\(ok("AnyRelease")),\(notModified),\(problem)}}},
        "/v1/openapi.json":{\(common)
         "get":{"operationId":"getOpenAPI","summary":"This document.",\(parameter("IfNoneMatch")),
          "responses":{\(notModified),"200":{"description":"OpenAPI 3.1","content":{"application/json":{"schema":{"type":"object"}}}},\(problem)}}},
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

    static let common = """
        "parameters":[{"$ref":"#/components/parameters/RequestID"},{"$ref":"#/components/parameters/Timeout"},
         {"$ref":"#/components/parameters/TraceParent"}],
        """

    static let problem = ##""default":{"$ref":"#/components/responses/Problem"}"##

    /// Parameters of one operation by their names in the components.
    static func parameter(_ names: String...) -> String {
        let list = names.map { ##"{"$ref":"#/components/parameters/\##($0)"}"## }
        return #""parameters":[\#(list.joined(separator: ","))]"#
    }

    /// The answer to `If-None-Match` where nothing has changed.
    static let notModified = #""304":{"description":"It has not changed."}"#

    static func body(_ schema: String) -> String {
        #""requestBody":{"required":true,\#(content(schema))}"#
    }

    /// A body that may also have another media type than JSON.
    static func body(_ schema: String, or mediaType: String, _ other: String) -> String {
        ##"""
        "requestBody":{"required":true,"content":{
          "application/json":{"schema":{"$ref":"#/components/schemas/\##(schema)"}},
          "\##(mediaType)":{"schema":{"$ref":"#/components/schemas/\##(other)"}}}}
        """##
    }

    /// The parameters of a path and those of a page of a list, with others between.
    static func page(_ path: String?, _ others: String..., maximum: Int = 500, usual: Int = 50) -> String {
        let own = path.map { [##"{"$ref":"#/components/parameters/\##($0)"}"##] } ?? []
        let page = [
            ##"{"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":\##(maximum),"default":\##(usual)}}"##,
            ##"{"$ref":"#/components/parameters/Cursor"}"##,
        ]
        return #""parameters":[\#((own + others + page).joined(separator: ","))]"#
    }

    static func ok(_ schema: String, status: Int = 200) -> String {
        #""\#(status)":{"description":"\#(schema)",\#(content(schema))}"#
    }

    static func content(_ schema: String) -> String {
        ##""content":{"application/json":{"schema":{"$ref":"#/components/schemas/\##(schema)"}}}"##
    }
}
