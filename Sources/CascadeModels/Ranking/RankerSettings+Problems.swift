import CascadeNN

package import CascadeFeatures

extension RankerSettings {
    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        let names = [
            HistoryEncoders.members.problem(history), Interactions.members.problem(interaction),
            DeepNetworks.members.problem(deepForm), TaskNetworks.members.problem(tasks),
            RankerLosses.members.problem(loss),
        ]
        return names.compactMap(\.self) + numberProblems + historyProblems + towerProblems + interactionProblems
            + deepProblems + trainingProblems + lossProblems + regularizationProblems + teacherProblems + valueProblems
    }

    /// What is wrong with the settings for features with or without times.
    package func problems(readsTimes: Bool) -> [String] {
        readsTimes || historyMaskHours == 0 ? [] : ["ranker.history_mask_hours needs features.times"]
    }

    /// What is wrong with the settings for features that were fitted for some value heads.
    package func problems(values heads: [ValueHead]) -> [String] {
        let fitted = Dictionary(heads.map { ($0.name, $0.settings) }) { first, _ in first }
        return fitted == values
            ? [] : ["ranker.values are not those that the features were fitted for; train with these settings anew"]
    }

    private var valueProblems: [String] {
        var found = values.sorted { $0.key < $1.key }.flatMap { $1.problems(under: "ranker.values.\($0)") }
        if values.keys.contains("") { found.append("ranker.values: a head needs a name") }
        for (head, parent) in conversions.sorted(by: { $0.key < $1.key }) {
            for name in [head, parent] where values[name] != nil {
                found.append("ranker.conversions: \(name) is a value and no probability; name heads of signals")
            }
        }
        return found
    }

    /// What keeps the ranker from being told of the vectors of a retrieval model with `retrieval`.
    package func problems(retrieval: RetrievalSettings) -> [String] {
        guard towers != .none else { return [] }
        var found: [String] = []
        if retrieval.userID {
            found.append(
                "ranker.towers needs retrieval.user_id false: towers that did not learn from a user know no row of his")
        }
        if UserEncoders.givesInterests(retrieval.userTower) {
            found.append(
                "ranker.towers needs a user tower of one vector; retrieval.user_tower '\(retrieval.userTower)' has several"
            )
        }
        return found
    }

    private var numberProblems: [String] {
        var found: [String] = []
        if !(1...256).contains(numericWidth) { found.append("ranker.numeric_width must be 1 to 256") }
        if !(1...256).contains(frequencies) { found.append("ranker.frequencies must be 1 to 256") }
        if !(frequencyDeviation > 0 && frequencyDeviation <= 10) {
            found.append("ranker.frequency_deviation must be above 0, at most 10")
        }
        return found
    }

    private var historyProblems: [String] {
        var found: [String] = []
        if !(1...1024).contains(historyWidth) { found.append("ranker.history_width must be 1 to 1024") }
        if historyHeads < 1 || historyWidth % max(1, historyHeads) != 0 {
            found.append("ranker.history_heads must divide ranker.history_width")
        }
        if !(1...16).contains(historyLayers) { found.append("ranker.history_layers must be 1 to 16") }
        if !(0..<1).contains(historyDropout) { found.append("ranker.history_dropout must be 0 to below 1") }
        if !(0...8784).contains(historyMaskHours) {
            found.append("ranker.history_mask_hours must be 0 (none) to 8784, a year")
        }
        if history == TransAct.name, historyWidth % 2 != 0 {
            found.append("ranker.history_width must be even for ranker.history transact")
        }
        return found
    }

    private var towerProblems: [String] {
        var found: [String] = []
        if !(2...20).contains(towerFolds) { found.append("ranker.tower_folds must be 2 to 20") }
        if !(0...1000).contains(towerEpochs) {
            found.append("ranker.tower_epochs must be 0 (as many as retrieval.epochs) to 1000")
        }
        return found
    }

    private var interactionProblems: [String] {
        var found: [String] = []
        if !(0...16).contains(crossLayers) { found.append("ranker.cross_layers must be 0 to 16") }
        if !(0...4096).contains(crossRank) { found.append("ranker.cross_rank must be 0 (full) to 4096") }
        if !(1...64).contains(crossExperts) { found.append("ranker.cross_experts must be 1 to 64") }
        if !(1...256).contains(fieldWidth) { found.append("ranker.field_width must be 1 to 256") }
        if !(1...16).contains(fieldLayers) { found.append("ranker.field_layers must be 1 to 16") }
        if fieldHeads < 1 || fieldWidth % max(1, fieldHeads) != 0 {
            found.append("ranker.field_heads must divide ranker.field_width")
        }
        if !(0...4096).contains(fieldRank) { found.append("ranker.field_rank must be 0 (full) to 4096") }
        return found
    }

    private var deepProblems: [String] {
        var found: [String] = []
        if !(1...64).contains(experts) { found.append("ranker.experts must be 1 to 64") }
        if tower.contains(where: { !(1...8192).contains($0) }) {
            found.append("ranker.tower must have widths of 1 to 8192")
        }
        if deep.isEmpty || deep.contains(where: { !(1...8192).contains($0) }) {
            found.append("ranker.deep needs at least one width, each 1 to 8192")
        }
        if !(0..<1).contains(dropout) { found.append("ranker.dropout must be 0 to below 1") }
        if structure == .interactionOnly, tasks != SharedBottom.name {
            found.append("ranker.tasks \(tasks) shares deep networks, and ranker.structure interaction_only has none")
        }
        return found
    }

    private var trainingProblems: [String] {
        var found: [String] = []
        if !products.precision.isForTraining {
            found.append(
                "ranker.products is what training multiplies in: auto, float32 or bfloat16; \(products.rawValue) is for serving"
            )
        }
        if !(2...1_000_000).contains(batchSize) { found.append("ranker.batch_size must be 2 or more") }
        if !(1...1000).contains(epochs) { found.append("ranker.epochs must be 1 to 1000") }
        if !(learningRate > 0 && learningRate <= 1) { found.append("ranker.learning_rate must be above 0, at most 1") }
        if warmupSteps < 0 { found.append("ranker.warmup_steps must be 0 or more") }
        if !(0...1).contains(tableDecay) { found.append("ranker.table_decay must be 0 to 1") }
        if !(clipNorm > 0) { found.append("ranker.clip_norm must be above 0") }
        return found
    }

    private var lossProblems: [String] {
        var found: [String] = []
        if !(0...1).contains(pairwiseWeight) { found.append("ranker.pairwise_weight must be 0 to 1") }
        if !(0...100).contains(pairwiseMargin) { found.append("ranker.pairwise_margin must be 0 (logistic) to 100") }
        if !(2...1000).contains(pairwiseGroup) { found.append("ranker.pairwise_group must be 2 to 1000") }
        if learnsWeights, loss == WeightedTargetLoss.name {
            found.append("ranker.learned_weights weighs heads, and ranker.loss weighted_target has one for all")
        }
        if learnsWeights, loss == PairwiseUserLoss.name, pairwiseWeight == 1 {
            found.append("ranker.learned_weights weighs cross-entropies, and ranker.pairwise_weight 1 has none")
        }
        if learnsWeights, lossWeights.contains(where: { $1 == 0 && values[$0] == nil }) {
            found.append(
                "ranker.learned_weights cannot weigh a head that ranker.loss_weights gives 0; leave it out of one")
        }
        if Conversions.circular(conversions) {
            found.append("ranker.conversions: heads follow each other in a circle")
        }
        if !conversions.isEmpty, loss == WeightedTargetLoss.name {
            found.append("ranker.conversions and ranker.loss weighted_target do not go together")
        }
        for (head, weight) in lossWeights where !(weight >= 0 && weight <= 1000) {
            found.append("ranker.loss_weights.\(head) must be 0 to 1000")
        }
        return found
    }

    private var regularizationProblems: [String] {
        var found: [String] = []
        if !(0..<1).contains(average) { found.append("ranker.average must be 0 (none) to below 1") }
        if !(0...1000).contains(tableEpochs) { found.append("ranker.table_epochs must be 0 (all) to 1000") }
        if tableRestart, tableEpochs > 0 {
            found.append("ranker.table_restart and ranker.table_epochs do not go together")
        }
        if !(0...1000).contains(tableFrozenEpochs) {
            found.append("ranker.table_frozen_epochs must be 0 (none) to 1000")
        }
        if tableFrozenEpochs > 0, initial == .random {
            found.append("ranker.table_frozen_epochs keeps what ranker.initial starts at; choose ials or contrastive")
        }
        if tableFrozenEpochs > 0, tableRestart {
            found.append("ranker.table_restart and ranker.table_frozen_epochs do not go together")
        }
        if !(0...1000).contains(tableNorm) { found.append("ranker.table_norm must be 0 (any length) to 1000") }
        if !(0...1).contains(weightDecay) { found.append("ranker.weight_decay must be 0 to 1") }
        if !(0..<1).contains(corruption) { found.append("ranker.corruption must be 0 (none) to below 1") }
        if !(corruptionTemperature > 0 && corruptionTemperature <= 100) {
            found.append("ranker.corruption_temperature must be above 0, at most 100")
        }
        return found
    }

    private var teacherProblems: [String] {
        var found: [String] = []
        if !(1...32).contains(seeds) { found.append("ranker.seeds must be 1 to 32") }
        if !(0...32).contains(teachers) { found.append("ranker.teachers must be 0 (none) to 32") }
        if !(0...1000).contains(teacherWeight) { found.append("ranker.teacher_weight must be 0 to 1000") }
        guard teachers > 0 else { return found }
        if loss == WeightedTargetLoss.name {
            found.append("ranker.teachers tell heads apart, and ranker.loss weighted_target has one target for all")
        }
        if teacherForm == .direct, !(teacherWeight <= 1) {
            found.append("ranker.teacher_weight is a share of the label in the form direct; it must be 0 to 1")
        }
        if teacherForm == .direct, loss == PairwiseUserLoss.name {
            found.append("ranker.loss pairwise takes labels as outcomes; use ranker.teacher_form auxiliary with it")
        }
        return found
    }
}
