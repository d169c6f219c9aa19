import CKernels
import COpenBLAS

/// Which processor OpenBLAS takes this one for, and so how wide the vectors of its products are.
package enum BLASCore {
    /// The variable of the environment that says it. OpenBLAS reads it when it is loaded: it holds for a process that is begun
    /// with it.
    package static let variable = "OPENBLAS_CORETYPE"

    /// What OpenBLAS has chosen.
    package static var chosen: String { openblas_get_corename().map { String(cString: $0) } ?? "" }

    /// The name of a core that suits this processor better; nil where there is none.
    ///
    /// OpenBLAS knows processors by their numbers. One that is younger than it may be taken for one without vectors of eight
    /// floats.
    package static var better: String? {
        guard let configuration = openblas_get_config(), String(cString: configuration).contains("DYNAMIC_ARCH") else {
            return nil
        }
        return better(than: chosen, isa: widest)
    }

    /// The widest vectors that the processor has.
    private static var widest: Int32 {
        [CK_ISA_AVX512, CK_ISA_AVX2].first { ck_table_for(Int32($0)) != nil }.map { Int32($0) } ?? Int32(CK_ISA_BASE)
    }

    private static let wide = ["SkylakeX", "Cooperlake", "Sapphirerapids"]
    private static let middling = ["Haswell", "Zen", "Excavator"]

    static func better(than core: String, isa: Int32) -> String? {
        func isAmong(_ names: [String]) -> Bool { names.contains { $0.lowercased() == core.lowercased() } }
        switch Int(isa) {
        // What is taken for a Zen is one.
        case Int(CK_ISA_AVX512): return isAmong(wide + ["Zen"]) ? nil : "SkylakeX"
        case Int(CK_ISA_AVX2): return isAmong(wide + middling) ? nil : "Haswell"
        default: return nil
        }
    }
}
