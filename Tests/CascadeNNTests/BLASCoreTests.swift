import CKernels
import Testing

@testable import CascadeNN

@Suite struct BLASCoreTests {
    @Test func aLesserCoreIsReplacedByOneOfTheProcessorsVectors() {
        let (wide, middling, base) = (Int32(CK_ISA_AVX512), Int32(CK_ISA_AVX2), Int32(CK_ISA_BASE))
        for (core, isa, wanted) in [
            ("Prescott", wide, "SkylakeX"), ("Haswell", wide, "SkylakeX"), ("SkylakeX", wide, nil),
            ("SKYLAKEX", wide, nil), ("Cooperlake", wide, nil), ("Zen", wide, nil), ("Prescott", middling, "Haswell"),
            ("Sandybridge", middling, "Haswell"), ("Haswell", middling, nil), ("Zen", middling, nil),
            ("Prescott", base, nil), ("", middling, "Haswell"),
        ] as [(String, Int32, String?)] {
            #expect(BLASCore.better(than: core, isa: isa) == wanted, "\(core), \(isa)")
        }
    }

    @Test func whatIsChosenHasAName() {
        #expect(!BLASCore.chosen.isEmpty)
    }
}
