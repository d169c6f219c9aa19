extension OpenAPIDocument {
    /// What callers of recommendations and feedback get.
    static let answerSchemas = """
        "Recommendation":{"type":"object","required":["recommendation_id","user_id","release_id","generated_at","items",
          "fallback","underfilled","degraded","timings_ms"],"properties":{
          "recommendation_id":{"type":"string"},"user_id":{"type":["string","null"]},
          "release_id":{"type":["string","null"]},"generated_at":{"$ref":"#/components/schemas/Time"},
          "items":{"type":"array","items":{"$ref":"#/components/schemas/RecommendedItem"}},
          "fallback":{"type":"object","properties":{"used":{"type":"boolean"},"reason":{"enum":["unknown_user",
           "no_history","no_active_release","retrieval_timeout","retrieval_error","ranker_error",null]}}},
          "underfilled":{"type":"object","properties":{"requested":{"type":"integer"},"returned":{"type":"integer"},
           "cause":{"enum":["catalog_exhausted","filters","source_errors","deadline",null]}}},
          "degraded":{"type":"array","items":{"type":"string"}},
          "timings_ms":{"type":"object","properties":{"total":{"type":"number"},"retrieve":{"type":"number"},
           "rank":{"type":"number"}}},
          "next":{"type":"string"},
          "trace":{"type":"object","description":"How the slate came to be; only with debug."}}},
        "Explanation":{"type":"object","required":["recommendation_id","user_id","release_id","generated_at"],"properties":{
          "recommendation_id":{"type":"string"},"user_id":{"type":["string","null"]},
          "release_id":{"type":["string","null"]},"generated_at":{"$ref":"#/components/schemas/Time"},
          "item_id":{"type":"string"},"verdict":{"enum":["shown","removed","not_selected","not_retrieved"]},
          "detail":{"type":"string","description":"A sentence for people."},
          "candidate":{"type":["object","null"],"description":"What the trace holds of the item: sources, heads, scores, filter."},
          "trace":{"type":"object","description":"The whole trace; only without item_id."}}},
        "RecommendedItem":{"type":"object","required":["item_id","position"],"properties":{
          "item_id":{"type":"string"},"position":{"type":"integer"},"score":{"type":"number"},
          "heads":{"type":"object","additionalProperties":{"type":"number"}},
          "sources":{"type":"array","items":{"$ref":"#/components/schemas/SourceMark"}},
          "reasons":{"type":"array","items":{"type":"string"}},
          "attributes":{"type":"object","properties":{"title":{"type":"string"},"creator_id":{"type":"string"},
           "categories":{"type":"array","items":{"type":"string"}},
           "created_at":{"$ref":"#/components/schemas/Time"},
           "attributes":{"$ref":"#/components/schemas/Attributes"}}}}},
        "SourceMark":{"type":"object","required":["name","rank","score"],"properties":{"name":{"type":"string"},
          "rank":{"type":"integer"},"score":{"type":"number"},"because":{"type":"string",
          "description":"What of the user it was found by: an item of the history, or a creator."},
          "interest":{"$ref":"#/components/schemas/InterestMark"}}},
        "InterestMark":{"type":"object","required":["cluster","rank","probability","because"],
          "description":"The interest of the user that it was found in.","properties":{
          "cluster":{"type":"integer"},"name":{"type":"string"},"rank":{"type":"integer"},
          "probability":{"type":"number"},"because":{"type":"array","items":{"type":"string"},
          "description":"Items of the history that lie in the interest, the latest first, at most three."}}},
        "SimilarItems":{"type":"object","required":["item_id","release_id","by","items","degraded"],"properties":{
          "item_id":{"type":"string"},"release_id":{"type":"string"},"by":{"enum":["tower","cooccurrence","both"]},
          "items":{"type":"array","items":{"$ref":"#/components/schemas/SimilarItem"}},
          "degraded":{"type":"array","items":{"type":"string"}}}},
        "SimilarItem":{"type":"object","required":["item_id","position","score","sources"],"properties":{
          "item_id":{"type":"string"},"position":{"type":"integer"},"score":{"type":"number"},
          "sources":{"type":"array","items":{"$ref":"#/components/schemas/SourceMark"}}}},
        "Follow":{"type":"object","required":["user_id","creator_id"],"properties":{"user_id":{"type":"string"},
          "creator_id":{"type":"string"}}},
        "FollowList":{"type":"object","required":["data","next_cursor"],"properties":{
          "data":{"type":"array","items":{"type":"object","properties":{"creator_id":{"type":"string"},
           "followed_at":{"type":["string","null"],"format":"date-time"}}}},
          "next_cursor":{"type":["string","null"]}}},
        "BatchOutcome":{"type":"object","required":["accepted","duplicates","rejected","errors"],"properties":{
          "accepted":{"type":"integer"},"duplicates":{"type":"integer"},"rejected":{"type":"integer"},
          "errors":{"type":"array","items":{"$ref":"#/components/schemas/RowError"}}}},
        "RowError":{"type":"object","required":["index","pointer","code","detail"],"properties":{
          "index":{"type":"integer"},
          "line":{"type":"integer","description":"Only where the body has one row a line."},
          "pointer":{"type":"string"},"code":{"type":"string"},"detail":{"type":"string"}}},
        "ItemList":{"type":"object","required":["data","next_cursor"],"properties":{
          "data":{"type":"array","items":{"$ref":"#/components/schemas/Item"}},
          "next_cursor":{"type":["string","null"]}}},
        "UserList":{"type":"object","required":["data","next_cursor"],"properties":{
          "data":{"type":"array","items":{"$ref":"#/components/schemas/User"}},
          "next_cursor":{"type":["string","null"]}}},
        "EventList":{"type":"object","required":["data","next_cursor"],"properties":{
          "data":{"type":"array","items":{"$ref":"#/components/schemas/StoredEvent"}},
          "next_cursor":{"type":["string","null"]}}},
        "StoredEvent":{"type":"object","properties":{"event_id":{"type":"string"},"type":{"type":"string"},
          "user_id":{"type":"string"},"item_id":{"type":"string"},"occurred_at":{"$ref":"#/components/schemas/Time"},
          "value":{"type":["number","null"]},"impression_id":{"type":["string","null"]},
          "recommendation_id":{"type":["string","null"]},"session_id":{"type":["string","null"]},
          "position":{"type":["integer","null"]},"surface":{"type":["string","null"]}}},
        "Hidden":{"type":"object","required":["user_id","item_id"],"properties":{"user_id":{"type":"string"},
          "item_id":{"type":"string"}}},
        "HiddenList":{"type":"object","required":["data","next_cursor"],"properties":{
          "data":{"type":"array","items":{"$ref":"#/components/schemas/HiddenItem"}},
          "next_cursor":{"type":["string","null"]}}},
        "HiddenItem":{"type":"object","properties":{"item_id":{"type":"string"},
          "hidden_at":{"$ref":"#/components/schemas/Time"}}},
        "Erasure":{"type":"object","required":["user_id","deleted_rows","release_id","in_active_release","remains"],
          "properties":{"user_id":{"type":"string"},
          "deleted_rows":{"type":"object","additionalProperties":{"type":"integer"},"description":"By table."},
          "release_id":{"type":["string","null"]},"in_active_release":{"type":"boolean"},
          "remains":{"type":"array","items":{"enum":["interactions","attributes","user_id"]},
           "description":"What the models of the active release were made with; gone with the next training."}}},
        "Problem":{"type":"object","required":["type","title","status","detail","instance","code","request_id","errors"],
         "properties":{"type":{"type":"string","format":"uri"},"title":{"type":"string"},
          "status":{"type":"integer"},"detail":{"type":"string"},"instance":{"type":"string","format":"uri-reference"},
          "code":{"enum":["validation","unauthorized","forbidden","not_found","method_not_allowed","conflict",
           "too_large","unsupported_media_type","internal","unavailable","deadline_exceeded"]},
          "request_id":{"type":"string"},
          "errors":{"type":"array","items":{"type":"object","properties":{"pointer":{"type":"string"},
           "code":{"type":"string"},"detail":{"type":"string"}}}}}}
        """

    /// What operators get.
    static let operationSchemas = """
        "Pipeline":{"type":"object","properties":{"pipeline":{"type":"string"},
          "result_size":{"type":"object","properties":{"default":{"type":"integer"},"max":{"type":"integer"}}},
          "timeout_ms":{"type":"integer"},
          "stages":{"type":"array","items":{"type":"object","properties":{"stage":{"type":"string"},
           "components":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},
            "enabled":{"type":"boolean"},
            "parameters":{"type":"object","additionalProperties":{"type":"string"}}}}}}}}}},
        "ReleaseList":{"type":"object","properties":{
          "data":{"type":"array","items":{"$ref":"#/components/schemas/Release"}},
          "next_cursor":{"type":["string","null"]}}},
        "Release":{"type":"object","properties":{"release_id":{"type":"string"},
          "state":{"enum":["ready","active","retired","failed","removed"]},"created_at":{"$ref":"#/components/schemas/Time"},
          "activated_at":{"type":["string","null"],"format":"date-time"},"retrieval_model_id":{"type":"string"},
          "ranker_model_id":{"type":["string","null"]},"manifest_sha256":{"type":"string"},
          "metrics":{"type":["object","null"]},"config":{"type":["object","null"]}}},
        "Live":{"type":"object","properties":{"status":{"const":"ok"}}},
        "Readiness":{"type":"object","properties":{"status":{"enum":["ready","degraded","not_ready"]},
          "checks":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},
           "status":{"enum":["ok","degraded","failed"]},"detail":{"type":["string","null"]}}}},
          "release_id":{"type":["string","null"]},
          "index":{"type":["object","null"],"properties":{"version":{"type":"string"},"items":{"type":"integer"},
           "built_at":{"$ref":"#/components/schemas/Time"},"age_seconds":{"type":"integer"}}},
          "model":{"type":["object","null"],"properties":{"version":{"type":["string","null"]},
           "retrieval_version":{"type":"string"},"trained_at":{"$ref":"#/components/schemas/Time"},
           "age_seconds":{"type":"integer"}}}}}
        """
}
